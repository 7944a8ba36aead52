/**
 * What was observed of a network in one sample. Losses and estimators see nothing else, and do not know whether software,
 * an ideal, a simulated or a real chip made it. Times in µs from the start of the sample, potentials in model
 * units (leak 0, nominal threshold 1).
 *
 * Buffers belong to the maker of the observation and may be reused for the next sample; the first `count`
 * entries are valid.
 */

import { UserError } from "../core/errors.ts";
import type { Microseconds } from "../core/units.ts";

/** Spikes in ascending time. */
export interface SpikeList {
  count: number;
  time: Float64Array;
  /** Input index, or neuron index over all populations. */
  index: Int32Array;
}

/** Samples of membranes, grouped by ascending neuron, ascending time within a neuron. */
export interface VoltageSamples {
  count: number;
  /**
   * Whether the samples of the output are maxima, exact in time (request `maximum`): their times move with the weights.
   * Otherwise all times are fixed.
   */
  areMaxima: boolean;
  neuron: Int32Array;
  time: Float64Array;
  value: Float64Array;
}

export interface Observation {
  readonly duration: Microseconds;
  readonly inputs: SpikeList;
  readonly spikes: SpikeList;
  readonly voltages: VoltageSamples;
  /** Arrivals that delays pushed beyond the end of the sample, where whoever observed it knows. */
  lateArrivals?: number;
}

/**
 * Which samples of a population's membranes are wanted. A chip always answers with its CADC samples (or
 * nothing for `none`); the software simulator answers exactly:
 * `maximum` – one sample per neuron, the global maximum over the sample time, exact in time;
 * `grid` – samples at 0, period, 2·period, … < duration;
 * `at` – samples at the given ascending times.
 */
export type RecordingRequest =
  | { readonly kind: "none" }
  | { readonly kind: "maximum" }
  | { readonly kind: "grid"; readonly period: Microseconds }
  | { readonly kind: "at"; readonly times: readonly Microseconds[] };

/** Input spikes of several samples: sample i has entries offset[i] … offset[i+1]−1, ascending in time. */
export interface InputBatch {
  readonly samples: number;
  readonly offset: Int32Array;
  readonly time: Float64Array;
  /** Input source of each spike. */
  readonly source: Int32Array;
  /** Identity of each sample in its data set; with the run it names the noise a simulated chip draws. */
  readonly id: Int32Array;
}

export function spikeList(capacity: number): SpikeList {
  return { count: 0, time: new Float64Array(capacity), index: new Int32Array(capacity) };
}

/** Makes room for `capacity` spikes; what the list holds stays. */
export function reserveSpikes(list: SpikeList, capacity: number): void {
  if (capacity <= list.time.length) return;
  const size = Math.max(64, capacity, 2 * list.time.length);
  const times = new Float64Array(size);
  times.set(list.time);
  list.time = times;
  const indices = new Int32Array(size);
  indices.set(list.index);
  list.index = indices;
}

/** Appends a spike, doubling the buffers when they are full. */
export function pushSpike(list: SpikeList, time: Microseconds, index: number): void {
  if (list.count === list.time.length) reserveSpikes(list, list.count + 1);
  list.time[list.count] = time;
  list.index[list.count] = index;
  list.count++;
}

export function voltageSamples(capacity: number): VoltageSamples {
  return {
    count: 0,
    areMaxima: false,
    neuron: new Int32Array(capacity),
    time: new Float64Array(capacity),
    value: new Float64Array(capacity),
  };
}

/** Makes room for `capacity` samples; what is there stays. */
export function reserveVoltages(samples: VoltageSamples, capacity: number): void {
  if (capacity <= samples.time.length) return;
  const size = Math.max(64, capacity, 2 * samples.time.length);
  const neurons = new Int32Array(size);
  neurons.set(samples.neuron);
  samples.neuron = neurons;
  const times = new Float64Array(size);
  times.set(samples.time);
  samples.time = times;
  const values = new Float64Array(size);
  values.set(samples.value);
  samples.value = values;
}

/** Appends a sample, doubling the buffers when they are full. */
export function pushVoltage(
  samples: VoltageSamples,
  neuron: number,
  time: Microseconds,
  value: number,
): void {
  if (samples.count === samples.time.length) reserveVoltages(samples, samples.count + 1);
  samples.neuron[samples.count] = neuron;
  samples.time[samples.count] = time;
  samples.value[samples.count] = value;
  samples.count++;
}

// What an observation costs ---------------------------------------------------------------------------------

// What an observation costs to keep for the backward pass (counting rule: docs/memory.md).

/** As recorded: one 64-bit entry with 43-bit time and 16-bit label. */
export const SPIKE_BYTES = 8;

/** One 8-bit converter code of one membrane. */
export const SAMPLE_BYTES = 1;

// How many spikes there may be ------------------------------------------------------------------------------

// When a sample counts as diverged.

/**
 * Spikes of one stage in one sample beyond which the network is taken to run away; about 10⁴ times what a
 * trained network of this kind makes (assumed).
 */
export const SPIKE_LIMIT = 1_000_000;

export function diverged(reason: string): UserError {
  return new UserError("diverged", `the network ran away in one sample: ${reason}`, {
    hint: "use smaller weights or a smaller learning rate, or a refractory time",
  });
}
