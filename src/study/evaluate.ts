/** What given weights reach on the test samples, on a given substrate: software, or one calibrated chip. */

import { openReplica, type PreparedRun } from "../engine/run-config.ts";
import { emptyCotangent, emptyLossValue } from "../loss/types.ts";
import { collectFirstSpikes, type FirstSpikes } from "./first-spikes.ts";
import { observeInRuns } from "./observe-in-runs.ts";

export interface Evaluation {
  /** Share of test samples whose predicted class is their label. */
  readonly accuracy: number;
  readonly loss: number;
  /** Of the population that the loss reads; all silent where it has no threshold. */
  readonly firstSpikes: FirstSpikes;
}

/** @param weights layout of the network */
export async function evaluateOn(prepared: PreparedRun, weights: Float64Array): Promise<Evaluation> {
  const { executor, loss, splits, network } = await openReplica(prepared);
  const test = splits.find(({ name }) => name === "test");
  const output = network.populations.find(({ name }) => name === loss.output);
  if (test === undefined || output === undefined) throw new Error("no test samples, or no output");
  const { inputs, labels } = test;
  const collector = collectFirstSpikes(output, inputs.samples);
  const cotangent = emptyCotangent();
  const value = emptyLossValue();
  let correct = 0;
  let total = 0;
  try {
    await executor.load(weights);
    await observeInRuns(executor, inputs, prepared.experiment.training.batch, (sample, observation) => {
      const label = labels[sample]!;
      loss.evaluate(observation, label, cotangent, value);
      collector.add(sample, observation);
      total += value.total;
      if (value.prediction === label) correct++;
    });
  } finally {
    await executor.close();
  }
  const { outputs, time } = collector;
  return {
    accuracy: correct / inputs.samples,
    loss: total / inputs.samples,
    firstSpikes: { outputs, time },
  };
}
