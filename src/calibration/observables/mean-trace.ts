/**
 * Running means of CADC samples per neuron: over a window of time, or as a trace folded at repeated moments.
 *
 * The phase of a recording is unknown, so a fold is aligned to whole samples only. Averaged over many entries the
 * phase is spread evenly over one period; see fits.ts for why exponentials survive that.
 */

import { NEURONS } from "../../chip/limits.ts";
import type { CadcRecording } from "../../chip/types.ts";
import type { Microseconds } from "../../core/units.ts";

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
