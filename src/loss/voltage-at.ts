/**
 * A weighted sum of output potentials at given times: the plainest loss on voltages, for checks and for
 * readouts at a fixed time.
 *
 *     L = Σ coefficient · V_neuron(time)
 *
 * Software samples exactly there. Between the samples of a chip V is interpolated linearly; before the first
 * and after the last sample it is that sample. A neuron without samples counts as missing and adds nothing.
 */

import { type Static, type TObject, Type } from "@sinclair/typebox";
import { UserError } from "../core/errors.ts";
import { member } from "../core/family.ts";
import { timeSchema } from "../core/quantity.ts";
import type { Network } from "../network/network.ts";
import { clearCotangent, clearValue, outputOption, outputPopulation, sampleRanges } from "./output.ts";
import type { Loss } from "./types.ts";

const options = {
  output: outputOption,
  terms: Type.Array(
    Type.Object(
      {
        neuron: Type.Integer({ minimum: 0, description: "Neuron of the output population, counted from 0." }),
        time: timeSchema({ minimum: 0, description: "When its potential is read." }),
        coefficient: Type.Number({ description: "Factor of this potential." }),
      },
      { additionalProperties: false },
    ),
    { minItems: 1, description: "Terms of the sum." },
  ),
};

export const voltageAt = member({
  kind: "voltage-at",
  summary: "weighted sum of output potentials at given times",
  options,
  create: voltageAtLoss,
});

function voltageAtLoss(network: Network, chosen: Static<TObject<typeof options>>): Loss {
  const population = outputPopulation(network, chosen.output);
  for (const { neuron, time } of chosen.terms) {
    if (neuron >= population.size) {
      throw new UserError("experiment-physics", `the loss reads neuron ${neuron} of ${population.name}`, {
        hint: `${population.name} has neurons 0 to ${population.size - 1}`,
      });
    }
    if (time > network.duration) {
      throw new UserError("experiment-physics", `the loss reads a potential at ${time} us`, {
        hint: `a sample ends at ${network.duration} us`,
      });
    }
  }
  const ranges = new Int32Array(population.size + 1);
  const terms = chosen.terms.map(({ neuron, time, coefficient }) => ({ neuron, time, coefficient }));
  const times = [...new Set(terms.map(({ time }) => time))].sort((a, b) => a - b);
  return {
    readsSpikes: false,
    voltages: { kind: "at", times },
    output: population.name,
    scores: new Float64Array(0),
    evaluate(observation, _label, cotangent, value) {
      clearCotangent(cotangent, observation);
      clearValue(value);
      const samples = observation.voltages;
      sampleRanges(samples, population, ranges);
      for (const { neuron, time, coefficient } of terms) {
        const from = ranges[neuron]!;
        const last = ranges[neuron + 1]! - 1;
        if (last < from) {
          value.missingOutputs++;
          continue;
        }
        let right = from;
        while (right < last && samples.time[right]! < time) right++;
        const left = right > from && samples.time[right]! > time ? right - 1 : right;
        const gap = samples.time[right]! - samples.time[left]!;
        const share = gap > 0 ? (time - samples.time[left]!) / gap : 1;
        value.total += coefficient * (samples.value[right]! * share + samples.value[left]! * (1 - share));
        cotangent.voltage[right] = cotangent.voltage[right]! + coefficient * share;
        cotangent.voltage[left] = cotangent.voltage[left]! + coefficient * (1 - share);
      }
      value.classification = value.total;
    },
  };
}
