/**
 * What a calibration reads out of recordings: the neuron and the time of each spike, and running means of the samples of both
 * converters.
 */

import { COLUMNS, COLUMNS_PER_EVENT_OUTPUT, MADC_PERIOD_US, NEURONS, TICK_US } from "../chip/limits.ts";
import type { CadcRecording, SpikeRecording } from "../chip/types.ts";
import type { Microseconds } from "../core/units.ts";

// Spikes ----------------------------------------------------------------------------------------------------

/** Inverse of the label that a neuron with its default address sends. */
function spikingNeuron(label: number): number {
  const address = label & 0xff;
  const column = (label >> 8) * COLUMNS_PER_EVENT_OUTPUT + (address % COLUMNS_PER_EVENT_OUTPUT);
  return address >= COLUMNS_PER_EVENT_OUTPUT ? COLUMNS + column : column;
}

/** Calls `visit` for every spike in order of entry and time. */
export function forEachSpike(
  spikes: SpikeRecording,
  visit: (neuron: number, entry: number, time: Microseconds) => void,
): void {
  const { count, entry, tick, label } = spikes;
  for (let i = 0; i < count; i++) {
    visit(spikingNeuron(label[i]!), entry[i]!, tick[i]! * TICK_US);
  }
}

// Samples of the CADC ---------------------------------------------------------------------------------------

// Running means of CADC samples per neuron: over a window of time, or as a trace folded at repeated moments.
//
// The phase of a recording is unknown, so a fold is aligned to whole samples only. Averaged over many entries the
// phase is spread evenly over one period; see fits.ts for why exponentials survive that.

export interface MeanLevel {
  /** Adds the samples whose nominal times lie in [from, to), of all entries. */
  add(cadc: CadcRecording, from: Microseconds, to: Microseconds): void;
  /** Mean code per neuron; NaN where nothing was added. */
  mean(): Float64Array;
  /** Samples behind each mean. */
  readonly count: number;
}

export function createMeanLevel(): MeanLevel {
  const sum = new Float64Array(NEURONS);
  let count = 0;
  return {
    add({ code, samples, nominalTime }, from, to) {
      const first = firstSample(nominalTime, from);
      const end = firstSample(nominalTime, to);
      const entries = code.length / (samples * NEURONS);
      for (let entry = 0; entry < entries; entry++) {
        let at = (entry * samples + first) * NEURONS;
        for (let k = first; k < end; k++) {
          for (let n = 0; n < NEURONS; n++) sum[n]! += code[at++]!;
        }
      }
      count += entries * Math.max(0, end - first);
    },
    mean: () => sum.map((one) => one / count),
    get count() {
      return count;
    },
  };
}

export interface FoldedTrace {
  /** Samples of the fold. */
  readonly length: number;
  /** Trace of one neuron: value[k] is the mean of weight[k] samples. */
  trace(neuron: number): { readonly value: Float64Array; readonly weight: Float64Array };
  /** Adds, for all neurons, the samples from the first one at or after `from`. */
  addAll(cadc: CadcRecording, entry: number, from: Microseconds): void;
  /** The same for one neuron. */
  addOne(cadc: CadcRecording, entry: number, neuron: number, from: Microseconds, to: Microseconds): void;
}

export function createFoldedTrace(length: number): FoldedTrace {
  const sum = new Float64Array(length * NEURONS);
  const count = new Float64Array(length * NEURONS);
  return {
    length,
    trace(neuron) {
      const value = new Float64Array(length);
      const weight = new Float64Array(length);
      for (let k = 0; k < length; k++) {
        weight[k] = count[k * NEURONS + neuron]!;
        value[k] = sum[k * NEURONS + neuron]! / Math.max(1, weight[k]!);
      }
      return { value, weight };
    },
    addAll({ code, samples, nominalTime }, entry, from) {
      const first = firstSample(nominalTime, from);
      const end = Math.min(samples, first + length);
      let to = 0;
      let at = (entry * samples + first) * NEURONS;
      for (let k = first; k < end; k++) {
        for (let n = 0; n < NEURONS; n++) {
          sum[to]! += code[at++]!;
          count[to++]!++;
        }
      }
    },
    addOne({ code, samples, nominalTime }, entry, neuron, from, until) {
      const first = firstSample(nominalTime, from);
      const end = Math.min(samples, first + length, firstSample(nominalTime, until));
      let to = neuron;
      let at = (entry * samples + first) * NEURONS + neuron;
      for (let k = first; k < end; k++) {
        sum[to]! += code[at]!;
        count[to]!++;
        to += NEURONS;
        at += NEURONS;
      }
    },
  };
}

/** Index of the first sample at or after `time`; nominal times are evenly spaced. */
function firstSample(nominalTime: Float64Array, time: Microseconds): number {
  if (nominalTime.length < 2) return 0;
  const start = nominalTime[0]!;
  const period = (nominalTime[nominalTime.length - 1]! - start) / (nominalTime.length - 1);
  return Math.min(nominalTime.length, Math.max(0, Math.ceil((time - start) / period - 1e-9)));
}

// Samples of the MADC ---------------------------------------------------------------------------------------

// Traces of the fast converter (MADC), folded at repeated moments and thinned by averaging neighbors.

/** Points of a thinned trace: enough for a fit, few enough for 512 of them. */
const POINTS = 120;

export interface FastTrace {
  /** Points, and converter samples behind each. */
  readonly length: number;
  readonly step: number;
  clear(): void;
  /** Adds the samples from `from` on. @param code samples of one entry, 34 ns apart */
  add(code: Uint16Array, from: Microseconds): void;
  mean(): Float64Array;
  /** Samples behind each point of the mean. */
  weight(): Float64Array;
}

export function createFastTrace(duration: Microseconds): FastTrace {
  const samples = Math.max(1, Math.floor(duration / MADC_PERIOD_US));
  const step = Math.max(1, Math.floor(samples / POINTS));
  const length = Math.floor(samples / step);
  const sum = new Float64Array(length);
  const count = new Float64Array(length);
  return {
    length,
    step,
    clear() {
      sum.fill(0);
      count.fill(0);
    },
    add(code, from) {
      const first = Math.ceil(from / MADC_PERIOD_US - 1e-9);
      const points = Math.min(length, Math.floor((code.length - first) / step));
      let at = first;
      for (let k = 0; k < points; k++) {
        let total = 0;
        for (let j = 0; j < step; j++) total += code[at++]!;
        sum[k]! += total;
        count[k]! += step;
      }
    },
    mean: () => sum.map((total, k) => total / Math.max(1, count[k]!)),
    weight: () => count.slice(),
  };
}
