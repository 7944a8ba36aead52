/**
 * A weighted sum of output spike times: the plainest loss on spikes, for checks.
 *
 *     L = Σ coefficient · t_{neuron, spike}
 *
 * A spike that was not observed counts as missing and adds nothing.
 */

import { type Static, type TObject, Type } from "@sinclair/typebox";
import type { Network } from "../network/network.ts";
import { checkNeurons, NO_SCORES, outputOption, outputPopulation, spikeLoss } from "./output.ts";
import { type Loss, lossMember } from "./types.ts";

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

export const spikeTime = lossMember({
  kind: "spike-time",
  summary: "weighted sum of output spike times",
  needsLabels: false,
  missingSpike: { asks: "its term is left out; the others keep theirs", pushesOthersLater: false },
  options,
  create: spikeTimeLoss,
});

function spikeTimeLoss(network: Network, chosen: Static<TObject<typeof options>>): Loss {
  const population = outputPopulation(network, chosen.output);
  const { start, size } = population;
  checkNeurons(population, chosen.terms);
  const terms = chosen.terms.map(({ neuron, spike, coefficient }) => ({ neuron, spike, coefficient }));
  /** Spikes of each output so far. */
  const seen = new Int32Array(size);
  return spikeLoss(population, NO_SCORES, ({ count, time, index }, _label, cotangent, value) => {
    seen.fill(0);
    value.missingOutputs = terms.length;
    for (let entry = 0; entry < count; entry++) {
      const output = index[entry]! - start;
      if (output < 0 || output >= size) continue;
      const number = seen[output]!;
      seen[output] = number + 1;
      for (const { neuron, spike, coefficient } of terms) {
        if (neuron !== output || spike !== number) continue;
        value.missingOutputs--;
        value.classification += coefficient * time[entry]!;
        cotangent[entry] = cotangent[entry]! + coefficient;
      }
    }
  });
}
