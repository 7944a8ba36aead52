/**
 * Prediction of codes from straight lines, for the end of a search: a few probes around a good code, a line through
 * them per instance, the code where it meets the target. All probes count, so noise averages out (a search keeps one
 * measurement), and so do the steps of an 8-bit converter, because each probe falls elsewhere between them.
 *
 * Instances obey the same law up to offsets, so all lines share the median slope: one instance alone, with a stray
 * value among its probes, would be led far away.
 */

import { clamp, type Measure, type SearchRange, type SearchResult } from "./search.ts";
import { median } from "./spread.ts";

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
