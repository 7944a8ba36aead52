/**
 * Mean squared distance of first spike times to targets: early for the label, late for the others.
 *
 *     L = mean_c ((t_c − target_c) / unit)²,     target_c = correct for c = label, wrong otherwise
 *
 * An output that did not spike counts as missing: it enters with the end of the sample as its time and gets no
 * cotangent.
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
  correct: timeSchema({ minimum: 0, description: "When the label's neuron shall spike." }),
  wrong: timeSchema({ minimum: 0, description: "When the others shall spike." }),
  unit: timeSchema({ default: "1 us", above: 0, description: "A distance that costs 1." }),
};

export const targetTimes = lossMember({
  kind: "target-times",
  summary: "mean squared distance of first spike times to target times",
  needsLabels: true,
  missingSpike: {
    asks: "a missing output costs what it would cost at the end of the sample and has no gradient; the others keep theirs",
    pushesOthersLater: false,
  },
  options,
  create: targetTimesLoss,
});

function targetTimesLoss(network: Network, chosen: Static<TObject<typeof options>>): Loss {
  const population = outputPopulation(network, chosen.output);
  const { size } = population;
  const { correct, wrong, unit } = chosen;
  const first = new Int32Array(size);
  const earliness = new Float64Array(size);
  const present = (output: number): boolean => first[output] !== -1;
  return spikeLoss(population, earliness, (spikes, label, cotangent, value) => {
    value.missingOutputs = firstSpikes(spikes, population, first);
    for (let output = 0; output < size; output++) {
      const entry = first[output]!;
      const time = entry === -1 ? network.duration : spikes.time[entry]!;
      const distance = (time - (output === label ? correct : wrong)) / unit;
      value.classification += (distance * distance) / size;
      earliness[output] = -time;
      if (entry !== -1) cotangent[entry] = (2 * distance) / (size * unit);
    }
    value.prediction = largest(earliness, present);
  });
}
