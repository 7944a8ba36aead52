/**
 * A weighted sum of output spike times: the plainest loss on spikes, for checks.
 *
 *     L = Σ coefficient · t_{neuron, spike}
 *
 * A spike that was not observed counts as missing and adds nothing.
 */

import { type Static, type TObject, Type } from "@sinclair/typebox";
import { UserError } from "../core/errors.ts";
import { member } from "../core/family.ts";
import type { Network } from "../network/network.ts";
import { clearCotangent, clearValue, outputOption, outputPopulation } from "./output.ts";
import type { Loss } from "./types.ts";

const options = {
  output: outputOption,
  terms: Type.Array(
    Type.Object(
      {
        neuron: Type.Integer({ minimum: 0, description: "Neuron of the output population, counted from 0." }),
        spike: Type.Integer({ default: 0, minimum: 0, description: "Which of its spikes, counted from 0." }),
        coefficient: Type.Number({ default: 1, description: "Factor of this time in µs." }),
      },
      { additionalProperties: false },
    ),
    { minItems: 1, description: "Terms of the sum." },
  ),
};

export const spikeTime = member({
  kind: "spike-time",
  summary: "weighted sum of output spike times",
  options,
  create: spikeTimeLoss,
});

function spikeTimeLoss(network: Network, chosen: Static<TObject<typeof options>>): Loss {
  const population = outputPopulation(network, chosen.output);
  for (const { neuron } of chosen.terms) {
    if (neuron >= population.size) {
      throw new UserError("experiment-physics", `the loss reads neuron ${neuron} of ${population.name}`, {
        hint: `${population.name} has neurons 0 to ${population.size - 1}`,
      });
    }
  }
  const seen = new Int32Array(population.size);
  const terms = chosen.terms.map(({ neuron, spike, coefficient }) => ({ neuron, spike, coefficient }));
  return {
    readsSpikes: true,
    voltages: { kind: "none" },
    output: population.name,
    scores: new Float64Array(0),
    evaluate(observation, _label, cotangent, value) {
      clearCotangent(cotangent, observation);
      clearValue(value);
      const { count, time, index } = observation.spikes;
      seen.fill(0);
      let found = 0;
      for (let entry = 0; entry < count; entry++) {
        const output = index[entry]! - population.start;
        if (output < 0 || output >= population.size) continue;
        const number = seen[output]!;
        seen[output] = number + 1;
        for (const { neuron, spike, coefficient } of terms) {
          if (neuron !== output || spike !== number) continue;
          found++;
          value.total += coefficient * time[entry]!;
          cotangent.spike[entry] = cotangent.spike[entry]! + coefficient;
        }
      }
      value.missingOutputs = terms.length - found;
      value.classification = value.total;
    },
  };
}
