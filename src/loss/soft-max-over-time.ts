/**
 * Cross-entropy of a soft maximum over time of each output's membrane potential.
 *
 *     s_c = scale · T log ⟨e^{V_c/T}⟩          ∂s_c/∂V_c(t_k) = scale · q_k,   q_k = a_k e^{V_k/T} / Σ_j a_j e^{V_j/T}
 *
 * ⟨·⟩ is the mean over time and a_k the weight of sample k in it (trapezoidal rule). For T → 0 it is the maximum over
 * time, for T → ∞ the mean. Between them every potential near the maximum has a share of the derivative, and so every
 * hidden spike that shaped it, where the maximum alone depends on the spikes before one moment.
 *
 * Exponents count relative to the largest potential, so that no finite potential overflows. An output without a sample
 * counts as missing, with score 0 and no cotangent.
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
  temperature: Type.Number({
    default: 0.05,
    exclusiveMinimum: 0,
    description: "Potentials that are less than this below the maximum take part, model units.",
  }),
  period: timeSchema({
    default: "1 us",
    above: 0,
    description: "Sampling period in software; a chip samples as it can.",
  }),
};

export const softMaxOverTime = lossMember({
  kind: "soft-max-over-time",
  summary: "cross-entropy of a soft maximum over time of the outputs' membrane potentials",
  needsLabels: true,
  missingSpike: null,
  options,
  create: softMaxOverTimeLoss,
});

function softMaxOverTimeLoss(network: Network, chosen: Static<TObject<typeof options>>): Loss {
  const population = outputPopulation(network, chosen.output);
  const { size } = population;
  const { scale, temperature, period } = chosen;
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
        scores[output] = 0;
        if (to === from) continue;
        let top = from;
        for (let entry = from; entry < to; entry++) {
          if (samples.value[entry]! > samples.value[top]!) top = entry;
        }
        const highest = samples.value[top]!;
        let mean = 0;
        for (let entry = from; entry < to; entry++) {
          const share =
            trapezoid(samples, from, to, entry) * Math.exp((samples.value[entry]! - highest) / temperature);
          // Kept here until the derivative at the score is known.
          cotangent[entry] = share;
          mean += share;
        }
        for (let entry = from; entry < to; entry++) cotangent[entry] = (scale * cotangent[entry]!) / mean;
        scores[output] = scale * (highest + temperature * Math.log(mean));
      }
      value.prediction = largest(scores, present);
      value.classification = crossEntropy(scores, label, scoreSlope);
      for (let output = 0; output < size; output++) {
        for (let entry = ranges[output]!; entry < ranges[output + 1]!; entry++) {
          cotangent[entry] = scoreSlope[output]! * cotangent[entry]!;
        }
      }
    },
  );
  return { ...loss, ofEqualScores: Math.log(size) };
}
