/**
 * Mean squared distance of first spike times to targets: early for the label, late for the others.
 *
 *     L = mean_c ((t_c − target_c) / unit)²,     target_c = correct for c = label, wrong otherwise
 *
 * An output that did not spike counts as missing: it enters with the end of the sample as its time and gets no
 * cotangent.
 */

import type { Static, TObject } from "@sinclair/typebox";
import { member } from "../core/family.ts";
import { timeSchema } from "../core/quantity.ts";
import type { Network } from "../network/network.ts";
import { largest } from "./cross-entropy.ts";
import { clearCotangent, clearValue, firstSpikes, outputOption, outputPopulation } from "./output.ts";
import type { Loss } from "./types.ts";

const options = {
  output: outputOption,
  correct: timeSchema({ minimum: 0, description: "When the label's neuron shall spike." }),
  wrong: timeSchema({ minimum: 0, description: "When the others shall spike." }),
  unit: timeSchema({ default: "1 us", above: 0, description: "A distance that costs 1." }),
};

export const targetTimes = member({
  kind: "target-times",
  summary: "mean squared distance of first spike times to target times",
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
  return {
    readsSpikes: true,
    voltages: { kind: "none" },
    output: population.name,
    scores: earliness,
    evaluate(observation, label, cotangent, value) {
      clearCotangent(cotangent, observation);
      clearValue(value);
      const { time } = observation.spikes;
      value.missingOutputs = firstSpikes(observation.spikes, population, first);
      for (let output = 0; output < size; output++) {
        const entry = first[output]!;
        const spike = entry === -1 ? network.duration : time[entry]!;
        const distance = (spike - (output === label ? correct : wrong)) / unit;
        value.total += (distance * distance) / size;
        earliness[output] = -spike;
        if (entry !== -1) cotangent.spike[entry] = (2 * distance) / (size * unit);
      }
      value.classification = value.total;
      value.prediction = largest(earliness, present);
    },
  };
}
