/**
 * The CADC recording of a run: sample times of each entry, and codes in the layout of CadcRecording. Samples
 * before an entry begins see membranes at rest with independent noise.
 */

import type { KernelOutput } from "../../kernels/kernel.ts";
import { COLUMNS, NEURONS } from "../limits.ts";
import type { CadcOptions, CadcRecording } from "../types.ts";
import {
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

/** Kept neurons that are neighbours both in a recorded sample and among the simulated ones. */
interface Run {
  /** Position of the first in a recorded sample, and among the simulated neurons of its hemisphere. */
  readonly column: number;
  readonly place: number;
  length: number;
}

/** The kept neurons of one hemisphere. */
interface KeptSide {
  readonly runs: readonly Run[];
  /** First simulated neuron of the hemisphere, and how many there are. */
  readonly first: number;
  readonly size: number;
}

const NO_SIDE: KeptSide = { runs: [], first: 0, size: 0 };

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
  let potentials = new Float32Array(0);
  let channel = new Int32Array(0);
  let sampled = new Uint8Array(0);
  let sides: readonly [KeptSide, KeptSide] = [NO_SIDE, NO_SIDE];
  const buffer: [Float64Array, Float64Array] = [NO_TIMES, NO_TIMES];
  /** Views of the first n times of each buffer, by n: an entry has one of few numbers of samples. */
  const views: [Float64Array[], Float64Array[]] = [[], []];
  const before: [number, number] = [0, 0];
  const times: [Float64Array, Float64Array] = [NO_TIMES, NO_TIMES];

  const drawErrors = (noise: EntryNoise): void => {
    const count = plan.samples * channel.length;
    if (error.length < count) {
      error = new Float32Array(count);
      potentials = new Float32Array(count);
    }
    if (levels.read > 0) noise.fillNormal(error, count);
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
      sides = keptSides(keep, neurons);
      sampled = new Uint8Array(neurons.ids.length);
      for (const neuron of keep) sampled[neurons.place[neuron] as number] = 1;
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
        if (options === undefined || sides[side].runs.length === 0) {
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
      const width = channel.length;
      for (const side of [0, 1] as const) {
        const kept = sides[side];
        fillRest(kept, before[side], neurons.rest, levels.membrane, noise, potentials, width);
        gather(kept, sample[side], before[side], samples, potentials, width);
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
      const rows = sides.filter(({ runs }) => runs.length > 0).length;
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

function keptSides(keep: Int32Array, { ids, place }: RecordedNeurons): readonly [KeptSide, KeptSide] {
  let top = 0;
  while (top < ids.length && (ids[top] as number) < COLUMNS) top++;
  const side = (hemisphere: number, first: number, size: number): KeptSide => {
    const runs: Run[] = [];
    for (let column = 0; column < keep.length; column++) {
      const neuron = keep[column] as number;
      if (neuron >= COLUMNS !== (hemisphere === 1)) continue;
      const own = (place[neuron] as number) - first;
      const last = runs.at(-1);
      if (last !== undefined && last.column + last.length === column && last.place + last.length === own) {
        last.length++;
      } else {
        runs.push({ column, place: own, length: 1 });
      }
    }
    return { runs, first, size };
  };
  return [side(0, 0, top), side(1, top, ids.length - top)];
}

const resting = new Float32Array(NEURONS);

/** Membranes before the entry, `count` samples: at rest with independent noise of sd `membrane`. */
function fillRest(
  { runs, first }: KeptSide,
  count: number,
  rest: Float64Array,
  membrane: number,
  noise: EntryNoise,
  potentials: Float32Array,
  width: number,
): void {
  for (let k = 0; k < count; k++) {
    for (const { column, place, length } of runs) {
      if (membrane > 0) noise.fillNormal(resting, length);
      const to = k * width + column;
      for (let m = 0; m < length; m++) {
        potentials[to + m] = (rest[first + place + m] as number) + membrane * (resting[m] as number);
      }
    }
  }
}

/** Puts the kernel's samples, which begin with sample `from` of the recording, into their columns. */
function gather(
  { runs, size }: KeptSide,
  sample: Float32Array,
  from: number,
  samples: number,
  potentials: Float32Array,
  width: number,
): void {
  for (const { column, place, length } of runs) {
    for (let k = from; k < samples; k++) {
      const to = k * width + column;
      const source = (k - from) * size + place;
      for (let m = 0; m < length; m++) potentials[to + m] = sample[source + m] as number;
    }
  }
}
