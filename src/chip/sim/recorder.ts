/**
 * The CADC recording of a run: sample times of each entry, and codes in the layout of CadcRecording. Samples
 * before an entry begins see membranes at rest with independent noise.
 */

import type { KernelOutput } from "../../kernels/kernel.ts";
import { COLUMNS } from "../limits.ts";
import type { CadcOptions, CadcRecording } from "../types.ts";
import { type Cadc, type CadcPlan, drawSampleTimes, nominalTimes, planCadc } from "./cadc.ts";
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
  let nominal: Float64Array = NO_TIMES;
  let normals = new Float32Array(0);
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

  const drawNormals = (noise: EntryNoise): void => {
    const count = plan.samples * hemisphere.length;
    if (normals.length < count) normals = new Float32Array(count);
    if (levels.read > 0) noise.fillNormal(normals, count);
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
      if (code.length < size) code = new Uint8Array(size);
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
      drawNormals(noise);
      const { samples } = plan;
      const width = hemisphere.length;
      const { read, membrane } = levels;
      let at = entry * samples * width;
      let draw = 0;
      for (let k = 0; k < samples; k++) {
        for (let i = 0; i < width; i++) {
          const side = hemisphere[i] as number;
          const own = index[i] as number;
          const row = k - (before[side] as number);
          let v: number;
          if (row >= 0) {
            v = (sample[side] as Float32Array)[row * (groupSize[side] as number) + own] as number;
          } else {
            v = neurons.leak[own + (side === 1 ? (groupSize[0] as number) : 0)] as number;
            if (membrane > 0) v += membrane * noise.normal();
          }
          code[at++] = cadc.convert(channel[i] as number, v, read * (normals[draw++] as number));
        }
      }
    },
    convertReference(entry, reference, noise) {
      drawNormals(noise);
      const v = potential(THRESHOLD_LAW, reference);
      const width = hemisphere.length;
      const count = plan.samples * width;
      for (let k = 0; k < count; k++) {
        const error = levels.read * (normals[k] as number);
        code[entry * count + k] = cadc.convert(channel[k % width] as number, v, error);
      }
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
