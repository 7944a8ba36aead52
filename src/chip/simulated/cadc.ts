/**
 * The parallel converters of the columns (CADC), from the ramp to the recording of a run. One module, though long: its
 * parts follow each other and nobody else needs one of them.
 *
 *     code = round(g · (v′ − v₀) + offset + read noise), clipped to 0 … 255
 *     v₀ = ramp offset code · 0.4167 LSB,   g = quadrant slope / ramp slope code · channel gain
 *     v′ = v + bow (1 − ((v − 128)/128)²) − compression · max(0, v − 220)
 *
 * A recording starts 5 µs before the entry, at an unknown moment within one period; all columns of a hemisphere are
 * sampled together, each hemisphere by a processor of its own with its own clock. Samples before the entry begins see
 * membranes at rest with independent noise. Sources: docs/hardware.md, "Converters".
 */

import { stream } from "../../core/random.ts";
import { type CadcRows, cadcTraceBytes, planRows } from "../cadc-rows.ts";
import { quadrantOf } from "../coordinates.ts";
import type { KernelOutput } from "../kernel/kernel.ts";
import { CADC_CHANNELS, CADC_LEAD_US, COLUMNS, QUADRANTS, TICK_US } from "../limits.ts";
import { potential, THRESHOLD_TRANSFER } from "../nominal.ts";
import type { CadcOptions, CadcRecording, QuadrantWords } from "../types.ts";
import type { Effects } from "./effects.ts";
import type { EntryNoise } from "./noise.ts";

// The converters of one chip.

/** Words at which the typical converter maps LSB to codes one to one. */
const NOMINAL_RAMP_OFFSET = 31;
const NOMINAL_RAMP_SLOPE = 369;
const CAUSAL_ACAUSAL_CORRELATION = 0.1;
const TOP = 220;
const MIDDLE = 128;

export interface Cadc {
  /** By channel (1024), valid after `setWords`: g and what is added to g · v′. */
  readonly gain: Float64Array;
  readonly offset: Float64Array;
  readonly bow: number;
  readonly compression: number;
  /** Grows with every `setWords`. */
  readonly revision: number;
  setWords(quadrants: QuadrantWords, digital: Int8Array): void;
}

/** @param mismatch factor on all deviations */
export function createCadc(seed: number, effects: Effects, mismatch: number): Cadc {
  const normals = (name: string, count: number): Float64Array => {
    const draws = stream(seed, `chip/${name}`);
    return Float64Array.from({ length: count }, () => draws.normal());
  };
  const channelGain = normals("cadc-gain", CADC_CHANNELS).map((z) =>
    Math.exp(mismatch * effects.cadcGainSpread * z),
  );
  const offsets = normals("cadc-offset", CADC_CHANNELS);
  const channelOffset = offsets.map((z, channel) => {
    const causal = offsets[channel & ~1]!;
    const r = CAUSAL_ACAUSAL_CORRELATION;
    const unit = channel % 2 === 0 ? z : r * causal + Math.sqrt(1 - r * r) * z;
    return mismatch * effects.cadcOffsetSpreadLsb * unit;
  });
  const slope = normals("cadc-slope", QUADRANTS).map(
    (z) => NOMINAL_RAMP_SLOPE * Math.exp(mismatch * effects.cadcSlopeSpread * z),
  );
  const rampOffset = normals("cadc-ramp-offset", QUADRANTS).map(
    (z) => NOMINAL_RAMP_OFFSET + mismatch * effects.cadcRampOffsetSpreadCodes * z,
  );
  const gain = new Float64Array(CADC_CHANNELS);
  const offset = new Float64Array(CADC_CHANNELS);
  let revision = 0;

  return {
    gain,
    offset,
    get revision() {
      return revision;
    },
    bow: mismatch * effects.cadcBowLsb,
    compression: Math.min(1, mismatch * effects.cadcTopCompression),
    setWords(quadrants, digital) {
      revision++;
      for (let channel = 0; channel < CADC_CHANNELS; channel++) {
        const quadrant = quadrantOf(channel >> 1);
        const current = Math.max(1, quadrants.cadcRampSlope[quadrant]!);
        const own = (slope[quadrant]! / current) * channelGain[channel]!;
        const start =
          THRESHOLD_TRANSFER.slope * (quadrants.cadcRampOffset[quadrant]! - rampOffset[quadrant]!);
        gain[channel] = own;
        offset[channel] = channelOffset[channel]! + digital[channel]! - own * start;
      }
    },
  };
}

/**
 * The transfer of the channels that a recording keeps, gathered once per run, as code = c + (l − q v) v:
 * bow (1 − ((v − 128)/128)²) is 2 bow v/128 − bow (v/128)². The compression near the top comes on top.
 */
export interface ChannelTransfer {
  readonly count: number;
  readonly constant: Float64Array;
  readonly linear: Float64Array;
  readonly quadratic: Float64Array;
  /** Slope lost above TOP. */
  readonly lost: Float64Array;
}

export function transferOf({ gain, offset, bow, compression }: Cadc, channel: Int32Array): ChannelTransfer {
  const own = Float64Array.from(channel, (c) => gain[c]!);
  return {
    count: channel.length,
    constant: Float64Array.from(channel, (c) => offset[c]!),
    linear: own.map((g) => g * (1 + (2 * bow) / MIDDLE)),
    quadratic: own.map((g) => (g * bow) / MIDDLE ** 2),
    lost: own.map((g) => g * compression),
  };
}

/**
 * Converts `samples` samples of all kept channels.
 *
 * @param potential [k · channels + i], LSB
 * @param normal standard normal errors of the reads, same layout; times `readNoise` LSB
 * @param out receives the codes from `at` on, same layout; rounds half to even and clips by itself
 */
export function convertSamples(
  transfer: ChannelTransfer,
  potential: Float32Array,
  normal: Float32Array,
  readNoise: number,
  samples: number,
  out: Uint8ClampedArray,
  at: number,
): void {
  for (let i = 0; i < transfer.count; i++) {
    convertColumn(transfer, i, potential, i, transfer.count, normal, readNoise, 0, samples, out, at);
  }
}

/** Converts samples from … to−1 of kept channel `column`; sample k is potential[first + stride · k]. */
export function convertColumn(
  { count, constant, linear, quadratic, lost }: ChannelTransfer,
  column: number,
  potential: Float32Array,
  first: number,
  stride: number,
  normal: Float32Array,
  readNoise: number,
  from: number,
  to: number,
  out: Uint8ClampedArray,
  at: number,
): void {
  const c = constant[column]!;
  const l = linear[column]!;
  const q = quadratic[column]!;
  const bent = lost[column]!;
  for (let k = from, j = from * count + column; k < to; k++, j += count) {
    const v = potential[first + stride * k]!;
    let code = c + readNoise * normal[j]!;
    code += (l - q * v) * v;
    if (v > TOP) code -= bent * (v - TOP);
    out[at + j] = code;
  }
}

// When samples are taken.

/** µs from the start of the entry at which sample k is taken if the recording starts on time. */
export function nominalTimes({ samples, period }: CadcRows): Float64Array {
  return Float64Array.from({ length: samples }, (_, k) => k * period - CADC_LEAD_US);
}

/**
 * Draws the true times of one hemisphere's samples in one entry.
 *
 * @param out receives the times ≥ 0, ascending
 * @param stamp receives the time stamps of all samples from `at` on: as their processor's clock has them, which began with
 * the recording, so without the unknown start
 * @returns number of samples taken before the entry began
 */
export function drawSampleTimes(
  { samples, period }: CadcRows,
  phasePeriods: number,
  jitter: number,
  noise: EntryNoise,
  out: Float64Array,
  stamp: Float64Array,
  at: number,
): number {
  const late = phasePeriods > 0 ? phasePeriods * period * noise.uniform() : 0;
  if (jitter > 0) noise.fillUniform(out, samples);
  let before = 0;
  for (let k = 0; k < samples; k++) {
    const own = -CADC_LEAD_US + k * period + jitter * (2 * out[k]! - 1);
    stamp[at + k] = TICK_US * Math.round(own / TICK_US);
    if (own + late < 0) before++;
    else out[k - before] = own + late;
  }
  return before;
}

// Which neurons are recorded.

/** The recorded neurons of one hemisphere: where they stand in a sample, in the kernel's samples, and in the noise at rest. */
export interface RecordedHemisphere {
  /** Column of each in a recorded sample, and its place among the simulated neurons of the hemisphere. */
  readonly column: Int32Array;
  readonly place: Int32Array;
  /** First simulated neuron of the hemisphere, and how many there are. */
  readonly first: number;
  readonly size: number;
  /** Normals drawn for a sample at rest, and which of them each takes. */
  readonly draws: number;
  readonly drawn: Int32Array;
}

export type RecordedHemispheres = readonly [RecordedHemisphere, RecordedHemisphere];

/** Of both hemispheres. @param keep neurons in the order of a recorded sample; others as in RecordedNeurons */
export function recordedHemispheres(
  recordedNeurons: Int32Array,
  ids: Int32Array,
  place: Int32Array,
): RecordedHemispheres {
  let top = 0;
  while (top < ids.length && ids[top]! < COLUMNS) top++;
  return [
    recordedHemisphere(recordedNeurons, place, 0, 0, top),
    recordedHemisphere(recordedNeurons, place, 1, top, ids.length - top),
  ];
}

function recordedHemisphere(
  neurons: Int32Array,
  placeOf: Int32Array,
  hemisphere: number,
  first: number,
  size: number,
): RecordedHemisphere {
  const column: number[] = [];
  const place: number[] = [];
  const drawn: number[] = [];
  let draws = 0;
  neurons.forEach((neuron, i) => {
    if (neuron >= COLUMNS !== (hemisphere === 1)) return;
    const own = placeOf[neuron]! - first;
    // Neighbors share words of the noise, two normals each; others begin a new one.
    if (column.at(-1) !== i - 1 || place.at(-1) !== own - 1) draws += draws % 2;
    column.push(i);
    place.push(own);
    drawn.push(draws++);
  });
  return {
    column: Int32Array.from(column),
    place: Int32Array.from(place),
    first,
    size,
    draws: draws + (draws % 2),
    drawn: Int32Array.from(drawn),
  };
}

// The recording of a run.

/** Magnitudes of this chip's noise, scaled. */
export interface CadcNoise {
  readonly read: number;
  /** µs */
  readonly jitter: number;
  readonly phasePeriods: number;
}

/** What the recorder needs to know of the simulated neurons. */
export interface RecordedNeurons {
  readonly ids: Int32Array;
  readonly place: Int32Array;
  /** Resting potentials by place, LSB, and the noise of the membranes around them. */
  readonly rest: Float64Array;
  readonly noise: Float64Array;
}

export interface CadcRecorder {
  /** Starts a recording; without options nothing is recorded until the next start. */
  start(options: CadcOptions | undefined, neurons: RecordedNeurons, entries: number, duration: number): void;
  /** 1 for the simulated neurons whose samples are recorded. */
  readonly sampled: Uint8Array;
  /** Draws the sample times of an entry, per hemisphere. */
  drawTimes(entry: number, noise: EntryNoise): readonly [Float64Array, Float64Array];
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
  let plan: CadcRows = { period: 1, rows: 0, samples: 0, truncated: false };
  let stamp: Float64Array = NO_TIMES;
  let code = new Uint8Array(0);
  /** The same memory, rounding and clipping what is written. */
  let clamped = new Uint8ClampedArray(0);
  let transfer: ChannelTransfer;
  let transferRevision = -1;
  let chosenAmong: Int32Array | undefined;
  let nominal: Float64Array = NO_TIMES;
  let error = new Float32Array(0);
  let resting = new Float32Array(0);
  /** Whether the membranes have noise. */
  let noisy = false;
  const referred = new Float32Array(1);
  let channel = new Int32Array(0);
  let sampled = new Uint8Array(0);
  let sides = recordedHemispheres(NOBODY, NOBODY, NOBODY);
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
    { place, first, draws, drawn }: RecordedHemisphere,
    samples: number,
    noise: EntryNoise,
  ): void => {
    const count = samples * draws;
    if (resting.length < count) resting = new Float32Array(2 * count);
    if (noisy) noise.fillNormal(resting, count);
    for (let i = 0; i < place.length; i++) {
      const own = neurons.rest[first + place[i]!]!;
      const sd = neurons.noise[first + place[i]!]!;
      for (let j = drawn[i]!; j < count; j += draws) resting[j] = own + sd * resting[j]!;
    }
  };

  /** What follows from the recorded neurons; mostly they are those of the recording before. */
  const choose = ({ recordedNeurons, acausal }: CadcOptions): void => {
    const parity = acausal === true ? 1 : 0;
    const same =
      neurons.ids === chosenAmong &&
      recordedNeurons.length === channel.length &&
      recordedNeurons.every((neuron, i) => 2 * neuron + parity === channel[i]);
    if (!same) {
      chosenAmong = neurons.ids;
      channel = Int32Array.from(recordedNeurons, (neuron) => 2 * neuron + parity);
      sides = recordedHemispheres(recordedNeurons, neurons.ids, neurons.place);
      sampled = new Uint8Array(neurons.ids.length);
      for (const neuron of recordedNeurons) sampled[neurons.place[neuron]!] = 1;
    }
    if (same && cadc.revision === transferRevision) return;
    transfer = transferOf(cadc, channel);
    transferRevision = cadc.revision;
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
      const next = planRows(options.memory, duration, levels.jitter);
      if (next.samples !== nominal.length || next.period !== plan.period) nominal = nominalTimes(next);
      plan = next;
      choose(options);
      noisy = options.reference === undefined && neurons.noise.some((sd) => sd > 0);
      const size = entries * plan.samples * options.recordedNeurons.length;
      if (code.length < size) {
        code = new Uint8Array(size);
        clamped = new Uint8ClampedArray(code.buffer);
      }
      if (stamp.length < 2 * entries * plan.samples) stamp = new Float64Array(2 * entries * plan.samples);
      for (const side of [0, 1] as const) {
        if (buffer[side].length >= plan.samples) continue;
        buffer[side] = new Float64Array(plan.samples);
        views[side] = [];
      }
    },
    drawTimes(entry, noise) {
      for (const side of [0, 1] as const) {
        if (options === undefined || sides[side].column.length === 0) {
          times[side] = NO_TIMES;
          continue;
        }
        const out = buffer[side];
        const at = (2 * entry + side) * plan.samples;
        const first = drawSampleTimes(plan, levels.phasePeriods, levels.jitter, noise, out, stamp, at);
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
      const at = entry * samples * channel.length;
      for (let hemisphere = 0; hemisphere < 2; hemisphere++) {
        const side = sides[hemisphere] as RecordedHemisphere;
        const { column, place, size, draws, drawn } = side;
        const start = before[hemisphere]!;
        const moving = sample[hemisphere] as Float32Array;
        drawResting(side, start, noise);
        for (let i = 0; i < column.length; i++) {
          const own = column[i]!;
          const first = place[i]! - start * size;
          convertColumn(transfer, own, resting, drawn[i]!, draws, error, levels.read, 0, start, clamped, at);
          convertColumn(transfer, own, moving, first, size, error, levels.read, start, samples, clamped, at);
        }
      }
    },
    convertReference(entry, reference, noise) {
      drawErrors(noise);
      referred[0] = potential(THRESHOLD_TRANSFER, reference);
      const { samples } = plan;
      const at = entry * samples * channel.length;
      for (let i = 0; i < channel.length; i++) {
        convertColumn(transfer, i, referred, 0, 0, error, levels.read, 0, samples, clamped, at);
      }
    },
    finish() {
      if (options === undefined) return undefined;
      const { recordedNeurons } = options;
      const { samples, truncated } = plan;
      const hemispheres = sides.filter(({ column }) => column.length > 0).length;
      return {
        recording: {
          recordedNeurons,
          samples,
          code: code.subarray(0, entries * samples * recordedNeurons.length),
          nominalTime: nominal,
          time: stamp.subarray(0, 2 * entries * samples),
        },
        truncated,
        bytes: entries * hemispheres * cadcTraceBytes(plan.rows),
      };
    },
  };
}
