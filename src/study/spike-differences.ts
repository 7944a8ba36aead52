/**
 * How far first spikes of a chip are from those of its ideal model: the yardstick that is known of a real chip
 * (docs/realism.md). Pure statistics.
 */

import type { Executor } from "../engine/executor.ts";
import { firstSpikes as findFirst } from "../loss/output.ts";
import type { Population } from "../network/network.ts";
import type { InputBatch, Observation } from "../network/observation.ts";
import { observeInRuns } from "./on-chip.ts";

export interface SpikeDifferences {
  /** Standard deviation of (chip − ideal) of each output, over samples where both spike; in units of τ. */
  readonly scatter: readonly number[];
  /** Mean of (chip − ideal) of each output. */
  readonly shift: readonly number[];
  /** Quantiles of |chip − ideal| over all outputs. */
  readonly median: number;
  readonly p90: number;
  readonly p99: number;
  /** Outputs that spike in the ideal model only, and on the chip only; counts. */
  readonly missing: number;
  readonly extra: number;
  /** Outputs compared: samples times output neurons. */
  readonly of: number;
}

/**
 * @param tau unit of time, µs
 * Standard deviations are NaN for outputs that both spike in less than two samples.
 * Throws Error when the two were not observed of the same samples.
 */
export function spikeDifferences(chip: FirstSpikes, ideal: FirstSpikes, tau: number): SpikeDifferences {
  const { outputs } = ideal;
  if (chip.outputs !== outputs || chip.time.length !== ideal.time.length) {
    throw new Error("first spikes of different samples or networks cannot be compared");
  }
  const differences: number[][] = Array.from({ length: outputs }, () => []);
  let missing = 0;
  let extra = 0;
  ideal.time.forEach((wanted, entry) => {
    const found = chip.time[entry]!;
    if (Number.isFinite(wanted) && Number.isFinite(found)) {
      (differences[entry % outputs] as number[]).push((found - wanted) / tau);
    } else if (Number.isFinite(wanted)) missing++;
    else if (Number.isFinite(found)) extra++;
  });
  const sizes = Float64Array.from(differences.flat(), Math.abs).sort();
  return {
    scatter: differences.map(deviation),
    shift: differences.map(mean),
    median: quantile(sizes, 0.5),
    p90: quantile(sizes, 0.9),
    p99: quantile(sizes, 0.99),
    missing,
    extra,
    of: ideal.time.length,
  };
}

/** NaN of nothing. */
export function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** Standard deviation (n − 1); NaN below two values. */
function deviation(values: readonly number[]): number {
  if (values.length < 2) return Number.NaN;
  const center = mean(values);
  return Math.sqrt(values.reduce((sum, value) => sum + (value - center) ** 2, 0) / (values.length - 1));
}

/** Linear between the two nearest ranks of ascending values; NaN of nothing. */
function quantile(ascending: Float64Array, share: number): number {
  const position = share * (ascending.length - 1);
  const below = Math.floor(position);
  const low = ascending[below] ?? Number.NaN;
  const high = ascending[Math.min(below + 1, ascending.length - 1)] ?? Number.NaN;
  return low + (position - below) * (high - low);
}

// First spikes ----------------------------------------------------------------------------------------------

// First spikes of the output population: what codes in time are read by, and what a chip is compared by with its
// ideal model. Between observations and the statistics of differences.

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

/** First spikes of a population, the last one if none is given, for all samples, with the weights that `executor` holds. */
export async function observeFirstSpikes(
  executor: Executor,
  inputs: InputBatch,
  runSize: number,
  population = executor.network.populations.at(-1),
): Promise<FirstSpikes> {
  if (population === undefined) throw new Error("a network without populations has no output");
  const collector = collectFirstSpikes(population, inputs.samples);
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
