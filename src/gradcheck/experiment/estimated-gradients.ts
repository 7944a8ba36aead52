/** What an estimator says about a problem in the software simulator: its gradient of every sample, and what it cost. */

import { noCost, softwareExecutor } from "../../engine/executor.ts";
import { recordingRequests } from "../../engine/run-config.ts";
import type { Estimator, GradientCounts } from "../../gradient/types.ts";
import { emptyCotangent, emptyLossValue } from "../../loss/types.ts";
import type { Observation } from "../../network/observation.ts";
import type { GradientProblem } from "./gradient-problem.ts";

export interface EstimatedGradients {
  /** ∂L/∂θ [sample · parameters + parameter]: weights, then delays and constants that are learned. */
  readonly perSample: Float64Array;
  /** Jumps that were capped, of how many, over all samples. */
  readonly cappedJumps: number;
  readonly jumps: number;
  /** Spikes of all samples. */
  readonly spikes: number;
  /** 1 for samples in which the estimator does not claim anything: with a capped jump, or see `oneSpike`. */
  readonly outside: Uint8Array;
  /** Bytes that the backward pass keeps, mean over samples. */
  readonly bytesKept: number;
}

/** @param oneSpike whether the estimator claims nothing where a neuron spikes twice */
export async function estimatedGradients(
  problem: GradientProblem,
  estimator: Estimator,
  oneSpike = false,
): Promise<EstimatedGradients> {
  const { network, weights, loss, inputs, labels } = problem;
  const executor = softwareExecutor(network, recordingRequests(network, loss, estimator));
  const perSample = new Float64Array(inputs.samples * network.parameters);
  const outside = new Uint8Array(inputs.samples);
  const cotangent = emptyCotangent();
  const value = emptyLossValue();
  const counts: GradientCounts = { cappedJumps: 0, spikes: 0 };
  let spikes = 0;
  let bytesKept = 0;
  await executor.load(weights);
  await executor.observe(
    inputs,
    0,
    (sample, observation) => {
      loss.evaluate(observation, labels[sample]!, cotangent, value);
      const before = counts.cappedJumps;
      const own = perSample.subarray(sample * network.parameters, (sample + 1) * network.parameters);
      estimator.accumulate(observation, weights, cotangent, own, counts);
      outside[sample] = counts.cappedJumps > before || (oneSpike && hasRepeats(observation)) ? 1 : 0;
      spikes += observation.spikes.count;
      bytesKept += estimator.bytesKept(observation) / inputs.samples;
    },
    noCost(),
  );
  await executor.close();
  return { perSample, cappedJumps: counts.cappedJumps, jumps: counts.spikes, spikes, outside, bytesKept };
}

/** Whether any neuron spiked more than once. */
function hasRepeats({ spikes: { index, count } }: Observation): boolean {
  return new Set(index.subarray(0, count)).size < count;
}
