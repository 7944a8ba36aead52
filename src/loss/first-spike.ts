/**
 * Cross-entropy of first spike times: the output that spikes first wins.
 *
 *     L = −log( e^{−t_l/τ₀} / Σ_c e^{−t_c/τ₀} ) + alpha · (e^{t_l/τ₁} − 1),     l the label
 *
 * T. Wunderlich, C. Pehle, "Event-based backpropagation can compute exact gradients for spiking neural
 * networks" (2021, arXiv 2009.08378), section 4.1; the second term keeps the label's spike early. Their values
 * (τ_s = 5 ms: τ₀ 0.5 ms, τ₁ 6.4 ms) scaled to τ_s = 6 µs are the defaults.
 *
 * An output that did not spike counts as missing. It enters with the end of the sample as its time, so that the
 * loss is finite and grows with every missing label, and gets no cotangent: no derivative says how to make a
 * spike (rate regularisation does).
 */

import { type Static, type TObject, Type } from "@sinclair/typebox";
import { UserError } from "../core/errors.ts";
import { member } from "../core/family.ts";
import { timeSchema } from "../core/quantity.ts";
import type { Network } from "../network/network.ts";
import { crossEntropy, largest } from "./cross-entropy.ts";
import { clearCotangent, clearValue, firstSpikes, outputOption, outputPopulation } from "./output.ts";
import type { Loss } from "./types.ts";

const options = {
  output: outputOption,
  tau0: timeSchema({ default: "0.6 us", above: 0, description: "Spike times nearer than this compete." }),
  tau1: timeSchema({
    default: "7.7 us",
    above: 0,
    description: "Time scale on which a late label is penalised.",
  }),
  alpha: Type.Number({ default: 3e-3, minimum: 0, description: "Strength of that penalty." }),
};

export const firstSpike = member({
  kind: "first-spike",
  summary: "cross-entropy of first spike times (Wunderlich and Pehle 2021)",
  options,
  create: firstSpikeLoss,
});

/** exp of more than this is near the end of the range of a double. */
const LARGEST_EXPONENT = 600;

function firstSpikeLoss(network: Network, chosen: Static<TObject<typeof options>>): Loss {
  const population = outputPopulation(network, chosen.output);
  const { size } = population;
  const { tau0, tau1, alpha } = chosen;
  if (network.duration > LARGEST_EXPONENT * tau1) {
    throw new UserError(
      "experiment-physics",
      "the penalty on a late label overflows at the end of a sample",
      {
        hint: `choose tau1 above ${network.duration / LARGEST_EXPONENT} us`,
      },
    );
  }
  const first = new Int32Array(size);
  const scores = new Float64Array(size);
  const scoreSlope = new Float64Array(size);
  const present = (output: number): boolean => first[output] !== -1;
  return {
    readsSpikes: true,
    voltages: { kind: "none" },
    output: population.name,
    scores,
    evaluate(observation, label, cotangent, value) {
      clearCotangent(cotangent, observation);
      clearValue(value);
      const { time } = observation.spikes;
      value.missingOutputs = firstSpikes(observation.spikes, population, first);
      for (let output = 0; output < size; output++) {
        const entry = first[output]!;
        scores[output] = -(entry === -1 ? network.duration : time[entry]!) / tau0;
      }
      const labelTime = -scores[label]! * tau0;
      value.prediction = largest(scores, present);
      value.classification = crossEntropy(scores, label, scoreSlope);
      value.regularisation = alpha * Math.expm1(labelTime / tau1);
      value.total = value.classification + value.regularisation;
      for (let output = 0; output < size; output++) {
        const entry = first[output]!;
        if (entry === -1) continue;
        const penalty = output === label ? (alpha / tau1) * Math.exp(labelTime / tau1) : 0;
        cotangent.spike[entry] = penalty - scoreSlope[output]! / tau0;
      }
    },
  };
}
