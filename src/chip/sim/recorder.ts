/**
 * The CADC recording of a run: sample times of each entry, and codes in the layout of CadcRecording. Samples
 * before an entry begins see membranes at rest with independent noise.
 */

import type { KernelOutput } from "../../kernels/kernel.ts";
import { CADC_SRAM_PERIOD_US, COLUMNS } from "../limits.ts";
import type { CadcOptions, CadcRecording } from "../types.ts";
import {
  CADC_LEAD,
  type Cadc,
  type CadcPlan,
  convertSamples,
  drawSampleTimes,
  type KeptChannels,
  keepChannels,
  nominalTimes,
  planCadc,
} from "./cadc.ts";
import { potential, THRESHOLD_LAW } from "./laws.ts";
import type { EntryNoise } from "./noise.ts";

/** A sample's time stamp, beside one byte per column. */
const TIME_STAMP_BYTES = 8;

/** Magnitudes of this chip's noise, scaled. */
export interface CadcNoise {
  readonly read: number;
  readonly membrane: number;
  /** µs */
  readonly jitter: number;
  readonly phasePeriods: number;
}

/** What the recorder needs to know of the simulated neurons. */
export interface RecordedNeurons {
  readonly ids: Int32Array;
  readonly place: Int32Array;
  readonly leak: Float64Array;
}

export interface CadcRecorder {
  /** Starts a recording; without options nothing is recorded until the next start. */
  start(options: CadcOptions | undefined, neurons: RecordedNeurons, entries: number, duration: number): void;
  /** Draws the sample times of an entry, per hemisphere. */
  drawTimes(noise: EntryNoise): readonly [Float64Array, Float64Array];
  /** Converts the samples of an entry. @param output of the kernel at the times drawn last */
  convert(entry: number, output: KernelOutput, noise: EntryNoise): void;
  /** Converts the reference voltage instead. */
  convertReference(entry: number, reference: number, noise: EntryNoise): void;
  finish():
    | { readonly recording: CadcRecording; readonly truncated: boolean; readonly bytes: number }
    | undefined;
}

const NO_TIMES = new Float64Array(0);

export function createCadcRecorder(cadc: Cadc, levels: CadcNoise): CadcRecorder {
  let options: CadcOptions | undefined;
  let neurons: RecordedNeurons;
  let entries = 0;
  let plan: CadcPlan = { period: 1, samples: 0, truncated: false };
  let code = new Uint8Array(0);
  /** The same memory, rounding and clipping what is written. */
  let clamped = new Uint8ClampedArray(0);
  let kept: KeptChannels;
  let nominal: Float64Array = NO_TIMES;
  let error = new Float32Array(0);
  let potentials = new Float32Array(0);
  const resting = new Float32Array(Math.ceil(CADC_LEAD / CADC_SRAM_PERIOD_US) + 1);
  /** Per kept neuron: hemisphere, channel, index within its group of simulated neurons. */
  let hemisphere = new Uint8Array(0);
  let channel = new Int32Array(0);
  let index = new Int32Array(0);
  const groupSize = [0, 0];
  const used = [false, false];
  const buffer: [Float64Array, Float64Array] = [NO_TIMES, NO_TIMES];
  const before = [0, 0];
  const times: [Float64Array, Float64Array] = [NO_TIMES, NO_TIMES];

  const describeKept = (keep: Int32Array, acausal: boolean): void => {
    const top = neurons.ids.findIndex((id) => id >= COLUMNS);
    groupSize[0] = top < 0 ? neurons.ids.length : top;
    groupSize[1] = neurons.ids.length - groupSize[0];
    used.fill(false);
    if (hemisphere.length !== keep.length) {
      hemisphere = new Uint8Array(keep.length);
      channel = new Int32Array(keep.length);
      index = new Int32Array(keep.length);
    }
    for (let i = 0; i < keep.length; i++) {
      const neuron = keep[i] as number;
      const side = neuron >= COLUMNS ? 1 : 0;
      hemisphere[i] = side;
      channel[i] = 2 * neuron + (acausal ? 1 : 0);
      index[i] = (neurons.place[neuron] as number) - (side === 1 ? (groupSize[0] as number) : 0);
      used[side] = true;
    }
  };

  const drawErrors = (noise: EntryNoise): void => {
    const count = plan.samples * channel.length;
    if (error.length < count) {
      error = new Float32Array(count);
      potentials = new Float32Array(count);
    }
    if (levels.read > 0) noise.fillNormal(error, count);
  };

  /** Membranes before the entry, at rest with independent noise: `count` samples of kept neuron i. */
  const fillRest = (i: number, count: number, noise: EntryNoise): void => {
    const width = channel.length;
    const side = hemisphere[i] as number;
    const rest = neurons.leak[(index[i] as number) + side * (groupSize[0] as number)] as number;
    if (levels.membrane > 0) noise.fillNormal(resting, count);
    for (let k = 0; k < count; k++)
      potentials[k * width + i] = rest + levels.membrane * (resting[k] as number);
  };

  return {
    start(given, simulated, count, duration) {
      options = given;
      neurons = simulated;
      entries = count;
      if (options === undefined) return;
      const next = planCadc(options.memory, duration, levels.jitter);
      if (next.samples !== nominal.length || next.period !== plan.period) nominal = nominalTimes(next);
      plan = next;
      describeKept(options.keep, options.acausal === true);
      const size = entries * plan.samples * options.keep.length;
      if (code.length < size) {
        code = new Uint8Array(size);
        clamped = new Uint8ClampedArray(code.buffer);
      }
      kept = keepChannels(cadc, channel);
      for (const side of [0, 1] as const) {
        if (buffer[side].length < plan.samples) buffer[side] = new Float64Array(plan.samples);
      }
    },
    drawTimes(noise) {
      for (const side of [0, 1] as const) {
        if (options === undefined || !used[side]) {
          times[side] = NO_TIMES;
          continue;
        }
        const out = buffer[side];
        const first = drawSampleTimes(plan, levels.phasePeriods, levels.jitter, noise, out);
        before[side] = first;
        times[side] = out.subarray(0, plan.samples - first);
      }
      return times;
    },
    convert(entry, { sample }, noise) {
      if (options === undefined) return;
      drawErrors(noise);
      const { samples } = plan;
      const width = channel.length;
      for (let i = 0; i < width; i++) {
        const side = hemisphere[i] as number;
        const first = before[side] as number;
        fillRest(i, first, noise);
        const values = sample[side] as Float32Array;
        const stride = groupSize[side] as number;
        let from = index[i] as number;
        for (let k = first; k < samples; k++, from += stride)
          potentials[k * width + i] = values[from] as number;
      }
      convertSamples(kept, potentials, error, levels.read, samples, clamped, entry * samples * width);
    },
    convertReference(entry, reference, noise) {
      drawErrors(noise);
      const count = plan.samples * channel.length;
      potentials.fill(potential(THRESHOLD_LAW, reference), 0, count);
      convertSamples(kept, potentials, error, levels.read, plan.samples, clamped, entry * count);
    },
    finish() {
      if (options === undefined) return undefined;
      const { keep } = options;
      const { samples, truncated } = plan;
      const rows = used.filter((side) => side).length;
      return {
        recording: {
          keep,
          samples,
          code: code.subarray(0, entries * samples * keep.length),
          nominalTime: nominal,
        },
        truncated,
        bytes: entries * samples * rows * (TIME_STAMP_BYTES + COLUMNS),
      };
    },
  };
}
