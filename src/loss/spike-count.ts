/**
 * Cross-entropy of spike counts, in the only form that has a derivative: the count so far, averaged over the sample.
 *
 *     s_c = scale · 1/T ∫₀ᵀ N_c(t) dt = scale · Σ_k (1 − t_k / T)          ∂s_c/∂t_k = −scale / T
 *
 * The count at the end, N_c(T), does not change when a spike moves, so no gradient of spike times can train it. A spike
 * counts more the earlier it comes, and one that appears at the end of the sample begins at 0, without a jump.
 */

import { type Static, type TObject, Type } from "@sinclair/typebox";
import type { Network } from "../network/network.ts";
import { classWeightsOption } from "./class-weights.ts";
import { crossEntropy, largest } from "./cross-entropy.ts";
import { outputOption, outputPopulation, spikeLoss } from "./output.ts";
import { type Loss, lossMember } from "./types.ts";

const options = {
  output: outputOption,
  classWeights: classWeightsOption,
  scale: Type.Number({ default: 2, exclusiveMinimum: 0, description: "Factor from the count to the score." }),
};

export const spikeCount = lossMember({
  kind: "spike-count",
  summary: "cross-entropy of spike counts, averaged over the sample",
  needsLabels: true,
  missingSpike: {
    asks: "an output without spikes has the score 0; where it is the label's, the others are pushed later",
    pushesOthersLater: true,
  },
  options,
  create: spikeCountLoss,
});

function spikeCountLoss(network: Network, chosen: Static<TObject<typeof options>>): Loss {
  const { start, size, ...population } = outputPopulation(network, chosen.output);
  const { scale } = chosen;
  const { duration } = network;
  const scores = new Float64Array(size);
  const scoreSlope = new Float64Array(size);
  const spikesOf = new Int32Array(size);
  const present = (output: number): boolean => spikesOf[output]! > 0;
  const loss = spikeLoss(
    { start, size, ...population },
    scores,
    ({ count, time, index }, label, cotangent, value) => {
      scores.fill(0);
      spikesOf.fill(0);
      for (let entry = 0; entry < count; entry++) {
        const output = index[entry]! - start;
        if (output < 0 || output >= size) continue;
        spikesOf[output]!++;
        scores[output]! += scale * (1 - time[entry]! / duration);
      }
      for (const spikes of spikesOf) if (spikes === 0) value.missingOutputs++;
      value.prediction = largest(scores, present);
      value.classification = crossEntropy(scores, label, scoreSlope);
      for (let entry = 0; entry < count; entry++) {
        const output = index[entry]! - start;
        if (output >= 0 && output < size) cotangent[entry] = (-scale * scoreSlope[output]!) / duration;
      }
    },
  );
  return { ...loss, ofEqualScores: Math.log(size) };
}
