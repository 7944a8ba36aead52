/**
 * Mean squared distance of first spike times to a lead of the label's neuron over each of the others:
 *
 *     L = ½ Σ_{c ≠ l} ((t_c − t_l − lead) / unit)²,     l the label
 *
 * Only differences of times count, so the outputs may be early or late together. J. Göltz et al., "DelGrad" (Nat. Commun.
 * 2025, arXiv 2404.19165), train delays with it (there with a lead of 0.2 τ_s and τ_s as the unit).
 *
 * An output that did not spike counts as missing. A sample with one has no gradient, as in the original (there the whole
 * batch has none, and the missing neuron's weights are raised instead), and costs the most that a sample can cost.
 */

import type { Static, TObject } from "@sinclair/typebox";
import { timeSchema } from "../core/option-schemas.ts";
import type { Network } from "../network/network.ts";
import { classWeightsOption } from "./class-weights.ts";
import { largest } from "./cross-entropy.ts";
import { firstSpikes, outputOption, outputPopulation, spikeLoss } from "./output.ts";
import { type Loss, lossMember } from "./types.ts";

const options = {
  output: outputOption,
  classWeights: classWeightsOption,
  lead: timeSchema({
    default: "1.2 us",
    above: 0,
    description: "By how much the label's neuron shall spike before each of the others.",
  }),
  unit: timeSchema({ default: "6 us", above: 0, description: "A distance that costs ½." }),
};

export const relativeTimes = lossMember({
  kind: "relative-times",
  summary: "squared distance of first spikes to a lead of the label's spike over the others",
  needsLabels: true,
  missingSpike: {
    asks: "a sample in which an output does not spike has no gradient and costs the most that a sample can cost",
    pushesOthersLater: false,
  },
  options,
  create: relativeTimesLoss,
});

function relativeTimesLoss(network: Network, chosen: Static<TObject<typeof options>>): Loss {
  const population = outputPopulation(network, chosen.output);
  const { size } = population;
  const { lead, unit } = chosen;
  const first = new Int32Array(size);
  const earliness = new Float64Array(size);
  const present = (output: number): boolean => first[output] !== -1;
  const largestValue = 0.5 * (size - 1) * ((network.duration + lead) / unit) ** 2;
  return spikeLoss(population, earliness, (spikes, label, cotangent, value) => {
    value.missingOutputs = firstSpikes(spikes, population, first);
    for (let output = 0; output < size; output++) {
      earliness[output] = -(present(output) ? spikes.time[first[output]!]! : network.duration);
    }
    value.prediction = largest(earliness, present);
    if (value.missingOutputs > 0) {
      value.classification = largestValue;
      return;
    }
    let ofLabel = 0;
    for (let output = 0; output < size; output++) {
      if (output === label) continue;
      const distance = (earliness[label]! - earliness[output]! - lead) / unit;
      value.classification += 0.5 * distance * distance;
      cotangent[first[output]!] = distance / unit;
      ofLabel -= distance / unit;
    }
    cotangent[first[label]!] = ofLabel;
  });
}
