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
import { timeSchema } from "../core/option-schemas.ts";
import type { Network } from "../network/network.ts";
import { checkNeurons, NO_SCORES, outputOption, outputPopulation, sampledLoss } from "./output.ts";
import { type Loss, lossMember } from "./types.ts";

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

export const voltageAt = lossMember({
  kind: "voltage-at",
  summary: "weighted sum of output potentials at given times",
  needsLabels: false,
  missingSpike: null,
  options,
  create: voltageAtLoss,
});

function voltageAtLoss(network: Network, chosen: Static<TObject<typeof options>>): Loss {
  const population = outputPopulation(network, chosen.output);
  checkNeurons(population, chosen.terms);
  const late = chosen.terms.find(({ time }) => time > network.duration);
  if (late !== undefined) {
    throw new UserError("experiment-physics", `the loss reads a potential at ${late.time} us`, {
      hint: `a sample ends at ${network.duration} us`,
    });
  }
  const terms = chosen.terms.map(({ neuron, time, coefficient }) => ({ neuron, time, coefficient }));
  const times = [...new Set(terms.map(({ time }) => time))].sort((a, b) => a - b);
  return sampledLoss(
    population,
    { kind: "at", times },
    NO_SCORES,
    (samples, from, _label, cotangent, value) => {
      value.missingOutputs = 0;
      for (const { neuron, time, coefficient } of terms) {
        const first = from[neuron]!;
        const last = from[neuron + 1]! - 1;
        if (last < first) {
          value.missingOutputs++;
          continue;
        }
        let right = first;
        while (right < last && samples.time[right]! < time) right++;
        const left = right > first && samples.time[right]! > time ? right - 1 : right;
        const gap = samples.time[right]! - samples.time[left]!;
        const share = gap > 0 ? (time - samples.time[left]!) / gap : 1;
        value.classification +=
          coefficient * (samples.value[right]! * share + samples.value[left]! * (1 - share));
        cotangent[right] = cotangent[right]! + coefficient * share;
        cotangent[left] = cotangent[left]! + coefficient * (1 - share);
      }
    },
  );
}
