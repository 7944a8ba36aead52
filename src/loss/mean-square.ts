/**
 * Mean squared distance of the outputs' mean membrane potentials to targets.
 *
 *     L = mean_c (⟨V_c⟩ − target_c)²          target_c = correct for c = label, wrong otherwise
 *
 * The mean is by the trapezoidal rule over the samples there are. An output without a sample counts as missing, with
 * ⟨V⟩ = 0 and no cotangent. The prediction is the output with the largest mean.
 */

import { type Static, type TObject, Type } from "@sinclair/typebox";
import { timeSchema } from "../core/option-schemas.ts";
import type { Network } from "../network/network.ts";
import { classWeightsOption } from "./class-weights.ts";
import { largest } from "./cross-entropy.ts";
import { checkPeriod, outputOption, outputPopulation, sampledLoss, trapezoid } from "./output.ts";
import { type Loss, lossMember } from "./types.ts";

const options = {
  output: outputOption,
  classWeights: classWeightsOption,
  correct: Type.Number({
    default: 0.5,
    description: "Mean potential that the label's neuron shall have, model units.",
  }),
  wrong: Type.Number({ default: 0, description: "Mean potential that the others shall have." }),
  period: timeSchema({
    default: "1 us",
    above: 0,
    description: "Sampling period in software; a chip samples as it can.",
  }),
};

export const meanSquare = lossMember({
  kind: "mean-square",
  summary: "mean squared distance of the outputs' mean membrane potentials to targets",
  needsLabels: true,
  missingSpike: null,
  options,
  create: meanSquareLoss,
});

function meanSquareLoss(network: Network, chosen: Static<TObject<typeof options>>): Loss {
  const population = outputPopulation(network, chosen.output);
  const { size } = population;
  const { correct, wrong, period } = chosen;
  checkPeriod("loss.period", period, network);
  const means = new Float64Array(size);
  return sampledLoss(
    population,
    { kind: "grid", period },
    means,
    (samples, ranges, label, cotangent, value) => {
      for (let output = 0; output < size; output++) {
        const from = ranges[output]!;
        const to = ranges[output + 1]!;
        let mean = 0;
        for (let entry = from; entry < to; entry++)
          mean += samples.value[entry]! * trapezoid(samples, from, to, entry);
        means[output] = mean;
        const distance = mean - (output === label ? correct : wrong);
        value.classification += (distance * distance) / size;
        for (let entry = from; entry < to; entry++)
          cotangent[entry] = ((2 * distance) / size) * trapezoid(samples, from, to, entry);
      }
      value.prediction = largest(means, (output) => ranges[output + 1]! > ranges[output]!);
    },
  );
}
