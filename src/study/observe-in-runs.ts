/** Sends samples to whatever a network runs on in runs of a given size: what varies from run to run is seen as such. */

import { noiseRun } from "../core/noise-runs.ts";
import { sliceBatch } from "../engine/evaluation.ts";
import { type Executor, noCost } from "../engine/executor.ts";
import type { InputBatch, Observation } from "../network/observation.ts";

/**
 * Calls `visit` for each sample in order, with the weights that `executor` holds; the observation is reused.
 * @param runSize samples of a run
 */
export async function observeInRuns(
  executor: Executor,
  inputs: InputBatch,
  runSize: number,
  visit: (sample: number, observation: Observation) => void,
): Promise<void> {
  const cost = noCost();
  for (let from = 0; from < inputs.samples; from += runSize) {
    const run = sliceBatch(inputs, from, Math.min(from + runSize, inputs.samples));
    const number = noiseRun("study", from / runSize);
    await executor.observe(run, number, (sample, observation) => visit(from + sample, observation), cost);
  }
}
