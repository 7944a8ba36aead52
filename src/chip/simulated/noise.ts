/**
 * Temporal noise outside the membranes: fast draws for the converters and the event links of one batch entry, and
 * the keys that name each entry's and each run's noise. Keys come from Philox under (chip seed, run, entry), so
 * an entry draws the same noise on any worker; the draws themselves are xoshiro128+ (Blackman & Vigna 2018).
 */

import { philox } from "../../core/random.ts";

/** What a block of random words is for; part of its Philox counter. */
const PURPOSE = { kernel: 1, entry: 2, run: 3, drift: 4, program: 5 } as const;

const counter = new Uint32Array(4);

function key(seed: number, purpose: number, run: number, index: number, out: Uint32Array): void {
  counter[0] = index >>> 0;
  counter[1] = run >>> 0;
  counter[2] = purpose;
  counter[3] = 0x63686970;
  philox(counter, seed, 0x6e6f6973, out);
}

/** Four words for the membrane noise of an entry. */
export function kernelKey(seed: number, run: number, entry: number, out: Uint32Array): void {
  key(seed, PURPOSE.kernel, run, entry, out);
}

export interface EntryNoise {
  /** Starts the stream of an entry. */
  start(seed: number, run: number, entry: number): void;
  /** Starts the stream of what holds for the length of a run. */
  startRun(seed: number, run: number): void;
  /** Starts the stream of a fixed point of slow drift. */
  startDrift(seed: number, point: number): void;
  /** Starts the stream of what holds as long as neurons keep their words. @param digest of these words */
  startProgram(seed: number, digest: number): void;
  /** Uniform in [0, 1), 32 bits. */
  uniform(): number;
  /** Standard normal. */
  normal(): number;
  /** Fills the first `count` values with standard normals, two per word of the stream. */
  fillNormal(out: Float32Array, count: number): void;
  /** Fills the first `count` values with uniforms in [0, 1), 32 bits. */
  fillUniform(out: Float64Array, count: number): void;
}

export function createEntryNoise(): EntryNoise {
  const state = new Uint32Array(4);
  const s = new Int32Array(state.buffer);
  const quantiles = normalQuantiles();

  const word = (): number => {
    const result = (s[0]! + s[3]!) | 0;
    const shifted = s[1]! << 9;
    s[2]! ^= s[0]!;
    s[3]! ^= s[1]!;
    s[1]! ^= s[2]!;
    s[0]! ^= s[3]!;
    s[2]! ^= shifted;
    s[3] = (s[3]! << 11) | (s[3]! >>> 21);
    return result;
  };

  const seedState = (seed: number, purpose: number, run: number, index: number): void => {
    key(seed, purpose, run, index, state);
    if (s[0]! === 0 && s[1]! === 0 && s[2]! === 0) s[3] = 1;
  };

  return {
    start: (seed, run, entry) => seedState(seed, PURPOSE.entry, run, entry),
    startRun: (seed, run) => seedState(seed, PURPOSE.run, run, 0),
    startDrift: (seed, point) => seedState(seed, PURPOSE.drift, point, 0),
    startProgram: (seed, digest) => seedState(seed, PURPOSE.program, digest, 0),
    uniform: () => (word() >>> 0) / 2 ** 32,
    normal: () => quantiles[word() >>> (32 - QUANTILE_BITS)]!,
    fillUniform(out, count) {
      for (let i = 0; i < count; i++) out[i] = (word() >>> 0) / 2 ** 32;
    },
    fillNormal(out, count) {
      let s0 = s[0]!;
      let s1 = s[1]!;
      let s2 = s[2]!;
      let s3 = s[3]!;
      for (let i = 0; i < count; i += 2) {
        const result = (s0 + s3) | 0;
        const shifted = s1 << 9;
        s2 ^= s0;
        s3 ^= s1;
        s1 ^= s2;
        s0 ^= s3;
        s2 ^= shifted;
        s3 = (s3 << 11) | (s3 >>> 21);
        out[i] = quantiles[result >>> (32 - QUANTILE_BITS)]!;
        if (i + 1 < count) out[i + 1] = quantiles[(result >>> 4) & (QUANTILES - 1)]!;
      }
      s[0] = s0;
      s[1] = s1;
      s[2] = s2;
      s[3] = s3;
    },
  };
}

const QUANTILE_BITS = 14;
const QUANTILES = 1 << QUANTILE_BITS;
let table: Float32Array | undefined;

/**
 * Normal quantiles at (i + ½) / 2¹⁴: a table draw is normal but for tails beyond 4.0 and steps of 1e-4 in
 * probability. Made by inverting the cumulative distribution on a fine grid (Simpson's rule, linear inside).
 */
function normalQuantiles(): Float32Array {
  if (table !== undefined) return table;
  const size = QUANTILES;
  const quantiles = new Float32Array(size);
  const step = 1 / 4096;
  const density = (x: number): number => Math.exp(-0.5 * x * x) / Math.sqrt(2 * Math.PI);
  let x = 0;
  let below = 0.5;
  for (let i = size / 2; i < size; i++) {
    const wanted = (i + 0.5) / size;
    for (;;) {
      const slice = (step / 6) * (density(x) + 4 * density(x + step / 2) + density(x + step));
      if (below + slice >= wanted) {
        quantiles[i] = x + (step * (wanted - below)) / slice;
        break;
      }
      below += slice;
      x += step;
    }
    quantiles[size - 1 - i] = -quantiles[i]!;
  }
  table = quantiles;
  return quantiles;
}
