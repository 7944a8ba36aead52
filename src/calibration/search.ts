/**
 * Searches for capmem codes on all instances (neurons, quadrants, drivers) at once: one measurement serves every
 * instance, and each instance moves by its own comparison. A search decides which codes to try; its caller sets them and
 * measures (electronicvisions/calix:src/py/calix/common/algorithms.py separates the two in the same way, and inspired
 * the rules).
 *
 * There are two kinds: a noisy binary search over a whole range, and a straight line through a few probes around codes
 * that are nearly right. The last part of the file combines them for one register of all neurons. It is one module
 * because every step of the calibration uses both kinds together.
 */

import { CAPMEM_MAX, NEURONS } from "../chip/limits.ts";
import type { Stream } from "../core/random.ts";
import { median } from "./spread.ts";

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

// Binary search -----------------------------------------------------------------------------------------------

// Three measures against noise and crosstalk: (1) start codes are dithered, because many equal codes disturb each other;
// (2) one extra step of the size of the dither keeps the whole range reachable; (3) the result is the best of the last
// measurements, not the last one.

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
function createBest(count: number) {
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

// Codes from straight lines ---------------------------------------------------------------------------------

// The end of a search: a few probes around a good code, a line through them per instance, and the code where the line
// meets the target. All probes count, so noise averages out (a binary search keeps one measurement). The steps of an
// 8-bit converter average out too, because each probe falls elsewhere between them.
//
// Instances obey the same law up to offsets, so all lines share the median slope. With a slope of its own, an instance
// with one stray value among its probes would be led far away.

export interface LineOptions extends SearchRange {
  readonly target: Float64Array;
  /** Start, from a search. */
  readonly code: Uint16Array;
  /** Distances of the probes from the start: in codes, or as shares of the start where `relative`. */
  readonly offsets: readonly number[];
  readonly relative?: boolean;
  /** Whether code and value are related by a power law: the line is drawn through logarithms. */
  readonly logarithmic?: boolean;
}

/**
 * Measures at the start moved by each offset and returns the codes where the lines meet the targets. `value` is the
 * line's value there. Instances with too few finite probes keep their start and fail.
 */
export async function predictFromLine(options: LineOptions, measure: Measure): Promise<SearchResult> {
  const { target, code: start, offsets, lowest, highest } = options;
  const count = target.length;
  const transform = options.logarithmic === true ? Math.log : (value: number) => value;
  const inverse = options.logarithmic === true ? Math.exp : (value: number) => value;
  const x: Float64Array[] = [];
  const y: Float64Array[] = [];
  for (const [index, offset] of offsets.entries()) {
    const distance = (one: number): number =>
      options.relative === true ? Math.sign(offset) * Math.ceil(Math.abs(offset) * one) : offset;
    const code = start.map((one) => clamp(one + distance(one), lowest, highest));
    const value = await measure(code, { index, count: offsets.length, increment: 1 });
    x.push(Float64Array.from(code, transform));
    y.push(Float64Array.from(value, transform));
  }
  const slope = commonSlope(x, y);
  const result = {
    code: start.slice(),
    value: new Float64Array(count).fill(Number.NaN),
    success: new Uint8Array(count),
  };
  for (let i = 0; i < count; i++) {
    const intercept = innerMean(y.map((values, probe) => at(values, i) - slope * at(x[probe], i)));
    const wanted = inverse((transform(at(target, i)) - intercept) / slope);
    if (!Number.isFinite(wanted)) continue;
    const code = clamp(Math.round(wanted), lowest, highest);
    result.code[i] = code;
    result.value[i] = inverse(intercept + slope * transform(code));
    if (code > lowest && code < highest) result.success[i] = 1;
  }
  return result;
}

/** Median over instances of the slopes of their own lines. */
function commonSlope(x: readonly Float64Array[], y: readonly Float64Array[]): number {
  const count = x[0]?.length ?? 0;
  const slopes = new Float64Array(count);
  for (let i = 0; i < count; i++) {
    const line = fitLine(
      x.map((values) => at(values, i)),
      y.map((values) => at(values, i)),
    );
    slopes[i] = line?.slope ?? Number.NaN;
  }
  return median(slopes);
}

/** Mean without the smallest and the largest; NaN below three finite values. */
function innerMean(values: readonly number[]): number {
  const order = values.filter(Number.isFinite).sort((a, b) => a - b);
  if (order.length < 3) return Number.NaN;
  const inner = order.slice(1, -1);
  return inner.reduce((sum, value) => sum + value, 0) / inner.length;
}

function at(values: Float64Array | undefined, index: number): number {
  return values![index]!;
}

export interface Line {
  readonly intercept: number;
  readonly slope: number;
}

/** Least squares through the finite points; undefined below three points or when x or y does not vary. */
export function fitLine(x: readonly number[], y: readonly number[]): Line | undefined {
  const used = x.map((_, i) => i).filter((i) => Number.isFinite(x[i]) && Number.isFinite(y[i]));
  if (used.length < 3) return undefined;
  let meanX = 0;
  let meanY = 0;
  for (const i of used) {
    meanX += x[i]! / used.length;
    meanY += y[i]! / used.length;
  }
  let xx = 0;
  let xy = 0;
  for (const i of used) {
    xx += (x[i]! - meanX) ** 2;
    xy += (x[i]! - meanX) * (y[i]! - meanY);
  }
  const slope = xy / xx;
  if (!Number.isFinite(slope) || slope === 0) return undefined;
  return { intercept: meanY - slope * meanX, slope };
}

// One register of all neurons -------------------------------------------------------------------------------

// What the steps for potentials, times and strengths have in common.

/**
 * How much averaging a measurement deserves: while steps are large, noise does not matter; probes of a line are
 * what the result is made of.
 */
export type Effort = "quick" | "normal" | "thorough";

/** Values at codes of the word, one per neuron. */
export type MeasureWord = (code: Uint16Array, effort: Effort) => Promise<Float64Array>;

/** Steps of a full-range search of at least this many codes are decided quickly. */
const LARGE_STEP = 32;
/** Binary search over the whole range of the word, for values that follow the code linearly: potentials. */
export async function searchRange(
  { draws }: { readonly draws: Stream },
  goal: { readonly target: number; readonly falling?: boolean },
  measure: MeasureWord,
): Promise<SearchResult> {
  const options = { lowest: 0, highest: CAPMEM_MAX, target: perNeuron(goal.target), draws };
  return noisyBinarySearch({ ...options, falling: goal.falling === true }, (code, { increment }) =>
    measure(code, increment >= LARGE_STEP ? "quick" : "normal"),
  );
}

/** Probes of lines in ratios, as shares of the code. */
const WIDE = [-0.6, -0.35, 0, 0.55, 1.4];
const NARROW = [-0.12, -0.06, 0, 0.06, 0.12];

/**
 * For values that are powers of the code, time constants and strengths: a wide line around an expected code leads to
 * the place, a narrow one to the code. Neurons may differ from the expectation by a factor of three and more.
 */
export async function followPowerLaw(
  start: Uint16Array,
  target: number,
  measure: MeasureWord,
): Promise<SearchResult> {
  const options = {
    lowest: 0,
    highest: CAPMEM_MAX,
    target: perNeuron(target),
    relative: true,
    logarithmic: true,
  };
  const wide = await predictFromLine({ ...options, code: start, offsets: WIDE }, (code) =>
    measure(code, "normal"),
  );
  const line = { ...options, code: wide.code, offsets: NARROW };
  return predictFromLine(line, (code) => measure(code, "thorough"));
}

/** A line through probes around the codes so far, for values that follow the code linearly; distances in codes. */
export async function refineRange(
  code: Uint16Array,
  goal: { readonly target: number; readonly probes: readonly number[] },
  measure: MeasureWord,
): Promise<SearchResult> {
  const { probes: offsets } = goal;
  const options = { lowest: 0, highest: CAPMEM_MAX, target: perNeuron(goal.target), code, offsets };
  return predictFromLine(options, (probe) => measure(probe, "thorough"));
}

function perNeuron(target: number): Float64Array {
  return new Float64Array(NEURONS).fill(target);
}
