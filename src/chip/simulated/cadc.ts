/**
 * The parallel converters of the columns (CADC): when they sample and what code they make of a potential.
 *
 *     code = round(g · (v′ − v₀) + offset + read noise), clipped to 0 … 255
 *     v₀ = ramp offset code · 0.4167 LSB,   g = quadrant slope / ramp slope code · channel gain
 *     v′ = v + bow (1 − ((v − 128)/128)²) − compression · max(0, v − 220)
 *
 * A recording starts 15 µs before the entry, at an unknown moment within one period; all columns of a hemisphere
 * are sampled together. Sources: docs/hardware.md, "CADC".
 */

import { stream } from "../../core/random.ts";
import {
  CADC_CHANNELS,
  CADC_DRAM_PERIOD_US,
  CADC_DRAM_SAMPLES,
  CADC_LEAD_US,
  CADC_SRAM_PERIOD_US,
  CADC_SRAM_SAMPLES,
  QUADRANTS,
} from "../limits.ts";
import type { QuadrantWords } from "../types.ts";
import type { Effects } from "./effects.ts";
import { THRESHOLD_LAW } from "./laws.ts";
import { quadrantOf } from "./neuron-pattern.ts";
import type { EntryNoise } from "./noise.ts";

/** Words at which the typical converter maps LSB to codes one to one. */
const NOMINAL_RAMP_OFFSET = 31;
const NOMINAL_RAMP_SLOPE = 369;
const CAUSAL_ACAUSAL_CORRELATION = 0.1;
const TOP = 220;
const MIDDLE = 128;

export interface CadcPlan {
  readonly period: number;
  /** Samples per entry. */
  readonly samples: number;
  readonly truncated: boolean;
}

/** How many samples a recording over `duration` µs has; the last one ends inside the entry at any phase. */
export function planCadc(memory: "sram" | "dram", duration: number, jitter: number): CadcPlan {
  const period = memory === "sram" ? CADC_SRAM_PERIOD_US : CADC_DRAM_PERIOD_US;
  const room = memory === "sram" ? CADC_SRAM_SAMPLES : CADC_DRAM_SAMPLES;
  const wanted = Math.max(0, Math.floor((CADC_LEAD_US + duration - jitter) / period));
  return { period, samples: Math.min(wanted, room), truncated: wanted > room };
}

/** µs from the start of the entry at which sample k is taken if the recording starts on time. */
export function nominalTimes(plan: CadcPlan): Float64Array {
  return Float64Array.from({ length: plan.samples }, (_, k) => k * plan.period - CADC_LEAD_US);
}

/**
 * Draws the true times of one hemisphere's samples in one entry.
 *
 * @param out receives the times ≥ 0, ascending
 * @returns number of samples taken before the entry began
 */
export function drawSampleTimes(
  plan: CadcPlan,
  phasePeriods: number,
  jitter: number,
  noise: EntryNoise,
  out: Float64Array,
): number {
  const start = -CADC_LEAD_US + (phasePeriods > 0 ? phasePeriods * plan.period * noise.uniform() : 0);
  const { period, samples } = plan;
  if (jitter > 0) noise.fillUniform(out, samples);
  let before = 0;
  for (let k = 0; k < samples; k++) {
    const time = start + k * period + jitter * (2 * out[k]! - 1);
    if (time < 0) before++;
    else out[k - before] = time;
  }
  return before;
}

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
        const start = THRESHOLD_LAW.slope * (quadrants.cadcRampOffset[quadrant]! - rampOffset[quadrant]!);
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
export interface KeptChannels {
  readonly count: number;
  readonly constant: Float64Array;
  readonly linear: Float64Array;
  readonly quadratic: Float64Array;
  /** Slope lost above TOP. */
  readonly lost: Float64Array;
}

export function keepChannels({ gain, offset, bow, compression }: Cadc, channel: Int32Array): KeptChannels {
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
  kept: KeptChannels,
  potential: Float32Array,
  normal: Float32Array,
  readNoise: number,
  samples: number,
  out: Uint8ClampedArray,
  at: number,
): void {
  for (let i = 0; i < kept.count; i++) {
    convertColumn(kept, i, potential, i, kept.count, normal, readNoise, 0, samples, out, at);
  }
}

/** Converts samples from … to−1 of kept channel `column`; sample k is potential[first + stride · k]. */
export function convertColumn(
  { count, constant, linear, quadratic, lost }: KeptChannels,
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
