/**
 * First spikes of the output population: what codes in time are read by, and what a chip is compared by with its
 * ideal model. Between observations and the statistics of differences.
 */

import type { Executor } from "../engine/executor.ts";
import { firstSpikes as findFirst } from "../loss/output.ts";
import type { Population } from "../network/network.ts";
import type { InputBatch, Observation } from "../network/observation.ts";
import { observeInRuns } from "./observe-in-runs.ts";

export interface FirstSpikes {
  readonly outputs: number;
  /** µs from the start of the sample [sample · outputs + output]; Infinity where an output stays silent. */
  readonly time: Float64Array;
}

export interface FirstSpikeCollector extends FirstSpikes {
  add(sample: number, observation: Observation): void;
}

/** Collects the first spikes of a population over samples in any order; those not added are silent. */
export function collectFirstSpikes(population: Population, samples: number): FirstSpikeCollector {
  const { size } = population;
  const time = new Float64Array(samples * size).fill(Number.POSITIVE_INFINITY);
  const first = new Int32Array(size);
  return {
    outputs: size,
    time,
    add(sample, { spikes }) {
      findFirst(spikes, population, first);
      for (let output = 0; output < size; output++) {
        const entry = first[output]!;
        if (entry !== -1) time[sample * size + output] = spikes.time[entry]!;
      }
    },
  };
}

/** First spikes of the last population for all samples, with the weights that `executor` holds. */
export async function observeFirstSpikes(
  executor: Executor,
  inputs: InputBatch,
  runSize: number,
): Promise<FirstSpikes> {
  const last = executor.network.populations.at(-1);
  if (last === undefined) throw new Error("a network without populations has no output");
  const collector = collectFirstSpikes(last, inputs.samples);
  await observeInRuns(executor, inputs, runSize, collector.add);
  return collector;
}

/** Share of samples whose earliest output is the label; a sample without any spike is wrong, ties go to the lower. */
export function firstSpikeAccuracy({ outputs, time }: FirstSpikes, labels: ArrayLike<number>): number {
  let correct = 0;
  for (let sample = 0; sample < labels.length; sample++) {
    let earliest = Number.POSITIVE_INFINITY;
    let winner = -1;
    for (let output = 0; output < outputs; output++) {
      const at = time[sample * outputs + output]!;
      if (at >= earliest) continue;
      earliest = at;
      winner = output;
    }
    if (winner === labels[sample]) correct++;
  }
  return correct / labels.length;
}
