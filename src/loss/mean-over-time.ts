/**
 * Cross-entropy of the outputs' mean membrane potentials.
 *
 *     s_c = scale · ⟨V_c⟩      ⟨V⟩ = Σ_k ½ (V_k + V_{k+1}) (t_{k+1} − t_k) / (t_last − t_first)
 *
 * by the trapezoidal rule over the samples there are, at whatever times; a single sample is its own mean. An
 * output without a sample counts as missing, with score 0 and no cotangent.
 */

import { type Static, type TObject, Type } from "@sinclair/typebox";
import { timeSchema } from "../core/option-schemas.ts";
import type { Network } from "../network/network.ts";
import { classWeightsOption } from "./class-weights.ts";
import { crossEntropy, largest } from "./cross-entropy.ts";
import { checkPeriod, outputOption, outputPopulation, sampledLoss, trapezoid } from "./output.ts";
import { type Loss, lossMember } from "./types.ts";

const options = {
  output: outputOption,
  classWeights: classWeightsOption,
  scale: Type.Number({ default: 10, exclusiveMinimum: 0, description: "Factor from potential to score." }),
  period: timeSchema({
    default: "1 us",
    above: 0,
    description: "Sampling period in software; a chip samples as it can.",
  }),
};

export const meanOverTime = lossMember({
  kind: "mean-over-time",
  summary: "cross-entropy of the outputs' mean membrane potentials",
  needsLabels: true,
  missingSpike: null,
  options,
  create: meanOverTimeLoss,
});

function meanOverTimeLoss(network: Network, chosen: Static<TObject<typeof options>>): Loss {
  const population = outputPopulation(network, chosen.output);
  const { size } = population;
  const { scale, period } = chosen;
  checkPeriod("loss.period", period, network);
  const scores = new Float64Array(size);
  const scoreSlope = new Float64Array(size);
  const loss = sampledLoss(
    population,
    { kind: "grid", period },
    scores,
    (samples, ranges, label, cotangent, value) => {
      const present = (output: number): boolean => ranges[output + 1]! > ranges[output]!;
      for (let output = 0; output < size; output++) {
        const from = ranges[output]!;
        const to = ranges[output + 1]!;
        let mean = 0;
        for (let entry = from; entry < to; entry++) {
          mean += samples.value[entry]! * trapezoid(samples, from, to, entry);
        }
        scores[output] = scale * mean;
      }
      value.prediction = largest(scores, present);
      value.classification = crossEntropy(scores, label, scoreSlope);
      for (let output = 0; output < size; output++) {
        const from = ranges[output]!;
        const to = ranges[output + 1]!;
        for (let entry = from; entry < to; entry++) {
          cotangent[entry] = scale * scoreSlope[output]! * trapezoid(samples, from, to, entry);
        }
      }
    },
  );
  return { ...loss, ofEqualScores: Math.log(size) };
}
