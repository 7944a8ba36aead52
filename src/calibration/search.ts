/**
 * Searches for capmem codes on all instances (neurons, quadrants, drivers) at once: one measurement serves every
 * instance, each moves by its own comparison. A search knows how to move; how to set and measure is the
 * caller's (electronicvisions/calix:src/py/calix/common/algorithms.py separates them too, and inspired the rules).
 *
 * Noise has three remedies: starting codes are dithered, so that crowds of equal codes do not disturb each other;
 * a dithered start costs one extra step of the dither's size, so that the whole range stays reachable; and of the
 * last measurements the best one counts, not the last.
 */

import type { Stream } from "../core/random.ts";

export interface SearchRange {
  /** Codes that may be set. A result on a bound is a failure: the target lies outside. */
  readonly lowest: number;
  readonly highest: number;
}

export interface SearchOptions extends SearchRange {
  /** Value sought, one per instance. */
  readonly target: Float64Array;
  /** Whether a larger code gives a smaller value. */
  readonly falling?: boolean;
  /** Largest random shift of the starting codes. */
  readonly dither?: number;
  readonly draws: Stream;
  /** How many of the last measurements compete. */
  readonly keep?: number;
}

/** How far a search is: cheap measurements do while steps are large. */
export interface SearchStep {
  readonly index: number;
  readonly count: number;
  /** Size of the step that this measurement decides, in codes. */
  readonly increment: number;
}

/**
 * Values at the given codes, one per instance. ±Infinity: beyond what can be seen, on that side; NaN: the
 * instance shows nothing at all. The array is read before the next call only.
 */
export type Measure = (code: Uint16Array, step: SearchStep) => Promise<Float64Array>;

export interface SearchResult {
  readonly code: Uint16Array;
  /** What was measured at `code`; NaN where nothing was. */
  readonly value: Float64Array;
  /** 1 where the code is strictly inside the range and a value was measured. */
  readonly success: Uint8Array;
}

const DITHER = 5;
const KEEP = 6;

/** Noisy binary search on `target.length` instances; about log2(range) + 3 measurements. */
export async function noisyBinarySearch(options: SearchOptions, measure: Measure): Promise<SearchResult> {
  const { target, lowest, highest, draws } = options;
  const count = target.length;
  const dither = Math.min(options.dither ?? DITHER, Math.floor((highest - lowest) / 8));
  const increments = searchIncrements(lowest, highest, dither);
  const direction = options.falling === true ? -1 : 1;
  const middle = Math.round((lowest + highest) / 2);
  const code = Uint16Array.from({ length: count }, () => middle + draws.below(2 * dither + 1) - dither);
  const best = createBest(count);
  const firstKept = increments.length + 1 - (options.keep ?? KEEP);

  for (let index = 0; index <= increments.length; index++) {
    const increment = increments[index] ?? 1;
    const value = await measure(code, { index, count: increments.length + 1, increment });
    if (index >= firstKept) best.offer(code, value, target);
    if (index === increments.length) break;
    for (let i = 0; i < count; i++) {
      const difference = target[i]! - value[i]!;
      // Without a value nothing is known: the instance waits where it is.
      const sign = Number.isNaN(difference) ? 0 : difference >= 0 ? direction : -direction;
      code[i] = clamp(code[i]! + sign * increment, lowest, highest);
    }
  }
  return best.result({ lowest, highest }, code);
}

/**
 * Steps from the middle to any code of the range: halves of what is left, the dither's own size in between, and
 * a last step of 1 that tests the neighbor.
 */
export function searchIncrements(lowest: number, highest: number, dither: number): number[] {
  const increments: number[] = [];
  const range = highest - lowest + 1;
  for (let part = 4; ; part *= 2) {
    const increment = Math.ceil(range / part);
    increments.push(increment);
    if (increment === 1) break;
  }
  if (dither > 0) increments.push(dither);
  increments.push(1);
  return increments.sort((a, b) => b - a);
}

/** Keeps, per instance, the code whose value came closest to the target. */
export function createBest(count: number) {
  const code = new Uint16Array(count);
  const value = new Float64Array(count).fill(Number.NaN);
  const distance = new Float64Array(count).fill(Number.POSITIVE_INFINITY);
  return {
    offer(codes: Uint16Array, values: Float64Array, target: Float64Array): void {
      for (let i = 0; i < count; i++) {
        const away = Math.abs(values[i]! - target[i]!);
        if (!(away < distance[i]!)) continue;
        distance[i] = away;
        code[i] = codes[i]!;
        value[i] = values[i]!;
      }
    },
    /** `last` are the codes of instances of which nothing finite was measured. */
    result(range: SearchRange, last: Uint16Array): SearchResult {
      const success = new Uint8Array(count);
      for (let i = 0; i < count; i++) {
        if (Number.isNaN(value[i]!)) code[i] = last[i]!;
        else if (code[i]! > range.lowest && code[i]! < range.highest) success[i] = 1;
      }
      return { code, value, success };
    },
  };
}

export function clamp(value: number, lowest: number, highest: number): number {
  return Math.min(highest, Math.max(lowest, value));
}
