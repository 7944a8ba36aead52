/** What given weights reach on the test samples, on a given substrate: software, or one calibrated chip. */

import { instantiate, type Plan } from "../engine/plan.ts";
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
export async function evaluateOn(plan: Plan, weights: Float64Array): Promise<Evaluation> {
  const { forward, loss, splits, network } = await instantiate(plan);
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
    await forward.load(weights);
    await observeInRuns(forward, inputs, plan.experiment.training.batch, (sample, observation) => {
      const label = labels[sample]!;
      loss.evaluate(observation, label, cotangent, value);
      collector.add(sample, observation);
      total += value.total;
      if (value.prediction === label) correct++;
    });
  } finally {
    await forward.close();
  }
  const { outputs, time } = collector;
  return {
    accuracy: correct / inputs.samples,
    loss: total / inputs.samples,
    firstSpikes: { outputs, time },
  };
}
