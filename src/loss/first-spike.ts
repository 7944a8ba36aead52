/**
 * Cross-entropy of first spike times: the output that spikes first wins.
 *
 *     L = −log( e^{−t_l/τ₀} / Σ_c e^{−t_c/τ₀} ) + alpha · (e^{t_l/τ₁} − 1),     l the label
 *
 * T. Wunderlich, C. Pehle, "Event-based backpropagation can compute exact gradients for spiking neural
 * networks" (2021, arXiv 2009.08378), section 4.1; the second term keeps the label's spike early. Their values
 * (τ_s = 5 ms: τ₀ 0.5 ms, τ₁ 6.4 ms) scaled to τ_s = 6 µs are the defaults.
 *
 * An output that did not spike counts as missing. Where it is not the label's, it enters with the end of the sample as
 * its time: what competes least. Where it is the label's, no derivative says how to make a spike, and to push the
 * others later instead would silence one output after the other. Such a sample has no gradient, as in the original,
 * and costs as much as the worst sample with a spike at the label's output: that one at the end, all others at 0.
 */

import { type Static, type TObject, Type } from "@sinclair/typebox";
import { UserError } from "../core/errors.ts";
import { choiceSchema, timeSchema } from "../core/option-schemas.ts";
import type { Network } from "../network/network.ts";
import { classWeightsOption } from "./class-weights.ts";
import { crossEntropy, largest } from "./cross-entropy.ts";
import { firstSpikes, outputOption, outputPopulation, spikeLoss } from "./output.ts";
import { type Loss, lossMember } from "./types.ts";

const options = {
  output: outputOption,
  classWeights: classWeightsOption,
  tau0: timeSchema({ default: "0.6 us", above: 0, description: "Spike times nearer than this compete." }),
  tau1: timeSchema({
    default: "7.7 us",
    above: 0,
    description: "Time scale on which a late label is penalised.",
  }),
  alpha: Type.Number({ default: 3e-3, minimum: 0, description: "Strength of that penalty." }),
  missingLabel: choiceSchema(["no-gradient", "end-of-sample"], {
    default: "no-gradient",
    description:
      "What a sample asks in which the label's output does not spike: nothing, or what it would ask if that output " +
      "spiked at the end of the sample, which pushes the others later.",
  }),
};

export const firstSpike = lossMember({
  kind: "first-spike",
  summary: "cross-entropy of first spike times (Wunderlich and Pehle 2021)",
  needsLabels: true,
  missingSpike: {
    asks:
      "a sample without a spike at the label's output has no gradient and costs the most that a sample can cost; " +
      "another missing output counts as one that spikes at the end of the sample",
    pushesOthersLater: false,
  },
  options,
  create: firstSpikeLoss,
});

/** exp of more than this is near the end of the range of a double. */
const LARGEST_EXPONENT = 600;

function firstSpikeLoss(network: Network, chosen: Static<TObject<typeof options>>): Loss {
  const population = outputPopulation(network, chosen.output);
  const { size } = population;
  const { tau0, tau1, alpha, missingLabel } = chosen;
  const { duration } = network;
  if (duration > LARGEST_EXPONENT * tau1) {
    throw new UserError(
      "experiment-physics",
      "the penalty on a late label overflows at the end of a sample",
      { hint: `choose tau1 above ${duration / LARGEST_EXPONENT} us` },
    );
  }
  const first = new Int32Array(size);
  const scores = new Float64Array(size);
  const scoreSlope = new Float64Array(size);
  const present = (output: number): boolean => first[output] !== -1;
  scores[0] = -duration / tau0;
  const largestClassification = crossEntropy(scores, 0, scoreSlope);
  const loss = spikeLoss(population, scores, (spikes, label, cotangent, value) => {
    value.missingOutputs = firstSpikes(spikes, population, first);
    for (let output = 0; output < size; output++) {
      scores[output] = -(present(output) ? spikes.time[first[output]!]! : duration) / tau0;
    }
    const labelTime = present(label) ? spikes.time[first[label]!]! : duration;
    value.prediction = largest(scores, present);
    value.regularization = alpha * Math.expm1(labelTime / tau1);
    if (missingLabel === "no-gradient" && !present(label)) {
      value.classification = largestClassification;
      return;
    }
    value.classification = crossEntropy(scores, label, scoreSlope);
    for (let output = 0; output < size; output++) {
      if (!present(output)) continue;
      const penalty = output === label ? (alpha / tau1) * Math.exp(labelTime / tau1) : 0;
      cotangent[first[output]!] = penalty - scoreSlope[output]! / tau0;
    }
  });
  return { ...loss, ofEqualScores: Math.log(size) };
}
