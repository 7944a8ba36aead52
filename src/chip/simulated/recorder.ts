/**
 * The CADC recording of a run: sample times of each entry, and codes in the layout of CadcRecording. Samples
 * before an entry begins see membranes at rest with independent noise.
 */

import type { KernelOutput } from "../kernel/kernel.ts";
import { COLUMNS } from "../limits.ts";
import type { CadcOptions, CadcRecording } from "../types.ts";
import {
  type Cadc,
  type CadcPlan,
  convertColumn,
  drawSampleTimes,
  type KeptChannels,
  keepChannels,
  nominalTimes,
  planCadc,
} from "./cadc.ts";
import { type KeptSide, keptSides } from "./kept-sides.ts";
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
  /** Resting potentials by place, LSB. */
  readonly rest: Float64Array;
}

export interface CadcRecorder {
  /** Starts a recording; without options nothing is recorded until the next start. */
  start(options: CadcOptions | undefined, neurons: RecordedNeurons, entries: number, duration: number): void;
  /** 1 for the simulated neurons whose samples are recorded. */
  readonly sampled: Uint8Array;
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
const NOBODY = new Int32Array(0);

export function createCadcRecorder(cadc: Cadc, levels: CadcNoise): CadcRecorder {
  let options: CadcOptions | undefined;
  let neurons: RecordedNeurons;
  let entries = 0;
  let plan: CadcPlan = { period: 1, samples: 0, truncated: false };
  let code = new Uint8Array(0);
  /** The same memory, rounding and clipping what is written. */
  let clamped = new Uint8ClampedArray(0);
  let kept: KeptChannels;
  let keptRevision = -1;
  let chosenAmong: Int32Array | undefined;
  let nominal: Float64Array = NO_TIMES;
  let error = new Float32Array(0);
  let resting = new Float32Array(0);
  const referred = new Float32Array(1);
  let channel = new Int32Array(0);
  let sampled = new Uint8Array(0);
  let sides = keptSides(NOBODY, NOBODY, NOBODY);
  const buffer: [Float64Array, Float64Array] = [NO_TIMES, NO_TIMES];
  /** Views of the first n times of each buffer, by n: an entry has one of few numbers of samples. */
  const views: [Float64Array[], Float64Array[]] = [[], []];
  const before: [number, number] = [0, 0];
  const times: [Float64Array, Float64Array] = [NO_TIMES, NO_TIMES];

  const drawErrors = (noise: EntryNoise): void => {
    const count = plan.samples * channel.length;
    if (error.length < count) error = new Float32Array(count);
    if (levels.read > 0) noise.fillNormal(error, count);
  };

  /** Membranes of a hemisphere before the entry, as many samples of them as were taken then. */
  const drawResting = (
    { place, first, draws, drawn }: KeptSide,
    rest: Float64Array,
    samples: number,
    noise: EntryNoise,
  ): void => {
    const count = samples * draws;
    if (resting.length < count) resting = new Float32Array(2 * count);
    if (levels.membrane > 0) noise.fillNormal(resting, count);
    for (let i = 0; i < place.length; i++) {
      const own = rest[first + place[i]!]!;
      for (let j = drawn[i]!; j < count; j += draws) {
        resting[j] = own + levels.membrane * resting[j]!;
      }
    }
  };

  /** What follows from the neurons to keep; mostly they are those of the recording before. */
  const choose = ({ keep, acausal }: CadcOptions): void => {
    const parity = acausal === true ? 1 : 0;
    const same =
      neurons.ids === chosenAmong &&
      keep.length === channel.length &&
      keep.every((neuron, i) => 2 * neuron + parity === channel[i]);
    if (!same) {
      chosenAmong = neurons.ids;
      channel = Int32Array.from(keep, (neuron) => 2 * neuron + parity);
      sides = keptSides(keep, neurons.ids, neurons.place);
      sampled = new Uint8Array(neurons.ids.length);
      for (const neuron of keep) sampled[neurons.place[neuron]!] = 1;
    }
    if (same && cadc.revision === keptRevision) return;
    kept = keepChannels(cadc, channel);
    keptRevision = cadc.revision;
  };

  return {
    get sampled() {
      return sampled;
    },
    start(given, simulated, count, duration) {
      options = given;
      neurons = simulated;
      entries = count;
      if (options === undefined) return;
      const next = planCadc(options.memory, duration, levels.jitter);
      if (next.samples !== nominal.length || next.period !== plan.period) nominal = nominalTimes(next);
      plan = next;
      choose(options);
      const size = entries * plan.samples * options.keep.length;
      if (code.length < size) {
        code = new Uint8Array(size);
        clamped = new Uint8ClampedArray(code.buffer);
      }
      for (const side of [0, 1] as const) {
        if (buffer[side].length >= plan.samples) continue;
        buffer[side] = new Float64Array(plan.samples);
        views[side] = [];
      }
    },
    drawTimes(noise) {
      for (const side of [0, 1] as const) {
        if (options === undefined || sides[side].column.length === 0) {
          times[side] = NO_TIMES;
          continue;
        }
        const out = buffer[side];
        const first = drawSampleTimes(plan, levels.phasePeriods, levels.jitter, noise, out);
        before[side] = first;
        const inside = plan.samples - first;
        views[side][inside] ??= out.subarray(0, inside);
        times[side] = views[side][inside];
      }
      return times;
    },
    convert(entry, { sample }, noise) {
      if (options === undefined) return;
      drawErrors(noise);
      const { samples } = plan;
      const { rest } = neurons;
      const at = entry * samples * channel.length;
      for (let hemisphere = 0; hemisphere < 2; hemisphere++) {
        const side = sides[hemisphere] as KeptSide;
        const { column, place, size, draws, drawn } = side;
        const start = before[hemisphere]!;
        const moving = sample[hemisphere] as Float32Array;
        drawResting(side, rest, start, noise);
        for (let i = 0; i < column.length; i++) {
          const own = column[i]!;
          const first = place[i]! - start * size;
          convertColumn(kept, own, resting, drawn[i]!, draws, error, levels.read, 0, start, clamped, at);
          convertColumn(kept, own, moving, first, size, error, levels.read, start, samples, clamped, at);
        }
      }
    },
    convertReference(entry, reference, noise) {
      drawErrors(noise);
      referred[0] = potential(THRESHOLD_LAW, reference);
      const { samples } = plan;
      const at = entry * samples * channel.length;
      for (let i = 0; i < channel.length; i++) {
        convertColumn(kept, i, referred, 0, 0, error, levels.read, 0, samples, clamped, at);
      }
    },
    finish() {
      if (options === undefined) return undefined;
      const { keep } = options;
      const { samples, truncated } = plan;
      const rows = sides.filter(({ column }) => column.length > 0).length;
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
