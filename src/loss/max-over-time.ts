/**
 * Cross-entropy of the largest membrane potential of each output, with a penalty on large outputs.
 *
 *     s_c = scale · max_t V_c(t)      L = −log softmax(s)[label] + regularization · mean_c s_c²
 *
 * Pehle et al. 2023 (arXiv 2302.07141), section 6.4; values as in electronicvisions/hxtorch,
 * examples/spiking/yinyang.py. The time of the maximum moves nothing to first order, so only V at that time
 * gets a cotangent. The published program scales the potentials outside of the differentiation: the factor is
 * in the softmax but missing in ∂s/∂V (`chainScale: as-published`).
 *
 * An output without a sample counts as missing: its score is that of a resting membrane, 0, and it gets no
 * cotangent.
 */

import { type Static, type TObject, Type } from "@sinclair/typebox";
import { choiceSchema } from "../core/option-schemas.ts";
import type { Network } from "../network/network.ts";
import { classWeightsOption } from "./class-weights.ts";
import { crossEntropy, largest } from "./cross-entropy.ts";
import { outputOption, outputPopulation, sampledLoss } from "./output.ts";
import { type Loss, lossMember } from "./types.ts";

const options = {
  output: outputOption,
  classWeights: classWeightsOption,
  scale: Type.Number({ default: 10, exclusiveMinimum: 0, description: "Factor from potential to score." }),
  chainScale: choiceSchema(["exact", "as-published"], {
    default: "exact",
    description: "Whether the factor is part of the derivative; the published program leaves it out.",
  }),
  regularization: Type.Number({
    default: 4e-4,
    minimum: 0,
    description: "Coefficient of the mean squared score.",
  }),
};

export const maxOverTime = lossMember({
  kind: "max-over-time",
  summary: "cross-entropy of the outputs' largest membrane potentials",
  needsLabels: true,
  missingSpike: null,
  options,
  create: maxOverTimeLoss,
});

function maxOverTimeLoss(network: Network, chosen: Static<TObject<typeof options>>): Loss {
  const population = outputPopulation(network, chosen.output);
  const { size } = population;
  const { scale, regularization } = chosen;
  const chain = chosen.chainScale === "exact" ? scale : 1;
  /** [output] The sample that is its maximum, −1 without samples. */
  const highest = new Int32Array(size);
  const scores = new Float64Array(size);
  const scoreSlope = new Float64Array(size);
  const present = (output: number): boolean => highest[output] !== -1;
  const judged = sampledLoss(
    population,
    { kind: "maximum" },
    scores,
    (samples, from, label, cotangent, value) => {
      for (let output = 0; output < size; output++) {
        let best = -1;
        for (let entry = from[output]!; entry < from[output + 1]!; entry++) {
          if (best === -1 || samples.value[entry]! > samples.value[best]!) best = entry;
        }
        highest[output] = best;
        const score = best === -1 ? 0 : scale * samples.value[best]!;
        scores[output] = score;
        value.regularization += (regularization * score * score) / size;
      }
      value.prediction = largest(scores, present);
      value.classification = crossEntropy(scores, label, scoreSlope);
      for (let output = 0; output < size; output++) {
        if (!present(output)) continue;
        const penalty = (2 * regularization * scores[output]!) / size;
        cotangent[highest[output]!] = chain * (scoreSlope[output]! + penalty);
      }
    },
  );
  const loss = { ...judged, ofEqualScores: Math.log(size) };
  if (chain === scale) return loss;
  return { ...loss, omittedFactor: "the factor `scale` of the scores (chainScale: as-published)" };
}
