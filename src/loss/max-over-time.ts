/**
 * Cross-entropy of the largest membrane potential of each output, with a penalty on large outputs.
 *
 *     s_c = scale · max_t V_c(t)      L = −log softmax(s)[label] + regularisation · mean_c s_c²
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
import { choiceSchema } from "../core/choice.ts";
import { member } from "../core/family.ts";
import type { Network } from "../network/network.ts";
import { crossEntropy, largest } from "./cross-entropy.ts";
import { clearCotangent, clearValue, outputOption, outputPopulation, sampleRanges } from "./output.ts";
import type { Loss } from "./types.ts";

const options = {
  output: outputOption,
  scale: Type.Number({ default: 10, exclusiveMinimum: 0, description: "Factor from potential to score." }),
  chainScale: choiceSchema(["exact", "as-published"], {
    default: "exact",
    description: "Whether the factor is part of the derivative; the published program leaves it out.",
  }),
  regularisation: Type.Number({
    default: 4e-4,
    minimum: 0,
    description: "Coefficient of the mean squared score.",
  }),
};

export const maxOverTime = member({
  kind: "max-over-time",
  summary: "cross-entropy of the outputs' largest membrane potentials",
  options,
  create: maxOverTimeLoss,
});

function maxOverTimeLoss(network: Network, chosen: Static<TObject<typeof options>>): Loss {
  const population = outputPopulation(network, chosen.output);
  const { size } = population;
  const { scale, regularisation } = chosen;
  const chain = chosen.chainScale === "exact" ? scale : 1;
  const ranges = new Int32Array(size + 1);
  const entryOf = new Int32Array(size);
  const scores = new Float64Array(size);
  const scoreSlope = new Float64Array(size);
  const present = (output: number): boolean => entryOf[output] !== -1;
  return {
    readsSpikes: false,
    voltages: { kind: "maximum" },
    output: population.name,
    scores,
    ...(chain === scale ? {} : { leavesOut: "the factor `scale` of the scores (chainScale: as-published)" }),
    evaluate(observation, label, cotangent, value) {
      clearCotangent(cotangent, observation);
      clearValue(value);
      const samples = observation.voltages;
      sampleRanges(samples, population, ranges);
      for (let output = 0; output < size; output++) {
        let best = -1;
        for (let entry = ranges[output]!; entry < ranges[output + 1]!; entry++) {
          if (best === -1 || samples.value[entry]! > samples.value[best]!) best = entry;
        }
        entryOf[output] = best;
        if (best === -1) value.missingOutputs++;
        const score = best === -1 ? 0 : scale * samples.value[best]!;
        scores[output] = score;
        value.regularisation += (regularisation * score * score) / size;
      }
      value.prediction = largest(scores, present);
      value.classification = crossEntropy(scores, label, scoreSlope);
      value.total = value.classification + value.regularisation;
      for (let output = 0; output < size; output++) {
        const entry = entryOf[output]!;
        if (entry === -1) continue;
        const penalty = (2 * regularisation * scores[output]!) / size;
        cotangent.voltage[entry] = chain * (scoreSlope[output]! + penalty);
      }
    },
  };
}
