/**
 * Prediction of codes from a straight line, for the end of a search: a few probes around a good code, a line
 * through them per instance, the code where the line meets the target. All probes count, so noise averages out
 * (a search keeps one measurement); the steps of an 8-bit converter do, too, because each probe falls elsewhere
 * between them. With a known slope one probe is enough.
 */

import { clamp, type Measure, type SearchRange, type SearchResult } from "./search.ts";

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
 * Measures at `code + offset` for each offset and returns the codes where the fitted line meets the target.
 * `value` is the line's value at the returned code. Instances without three finite probes, or whose line is not
 * steep enough to be trusted, keep their start and fail.
 */
export async function predictFromLine(options: LineOptions, measure: Measure): Promise<SearchResult> {
  const { target, code: start, offsets, lowest, highest } = options;
  const count = target.length;
  const transform = options.logarithmic === true ? Math.log : (value: number) => value;
  const inverse = options.logarithmic === true ? Math.exp : (value: number) => value;
  const probes: { code: Uint16Array; value: Float64Array }[] = [];
  for (const [index, offset] of offsets.entries()) {
    const distance = (one: number): number =>
      options.relative === true ? Math.sign(offset) * Math.ceil(Math.abs(offset) * one) : offset;
    const code = start.map((one) => clamp(one + distance(one), lowest, highest));
    const value = await measure(code, { index, count: offsets.length, increment: 1 });
    probes.push({ code, value: value.slice() });
  }
  const result = {
    code: start.slice(),
    value: new Float64Array(count).fill(Number.NaN),
    success: new Uint8Array(count),
  };
  for (let i = 0; i < count; i++) {
    const line = fitLine(
      probes.map((probe) => transform(probe.code[i] as number)),
      probes.map((probe) => transform(probe.value[i] as number)),
    );
    if (line === undefined) continue;
    const wanted = inverse((transform(target[i] as number) - line.intercept) / line.slope);
    const code = clamp(Math.round(wanted), lowest, highest);
    result.code[i] = code;
    result.value[i] = inverse(line.intercept + line.slope * transform(code));
    if (code > lowest && code < highest) result.success[i] = 1;
  }
  return result;
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
    meanX += (x[i] as number) / used.length;
    meanY += (y[i] as number) / used.length;
  }
  let xx = 0;
  let xy = 0;
  for (const i of used) {
    xx += ((x[i] as number) - meanX) ** 2;
    xy += ((x[i] as number) - meanX) * ((y[i] as number) - meanY);
  }
  const slope = xy / xx;
  if (!Number.isFinite(slope) || slope === 0) return undefined;
  return { intercept: meanY - slope * meanX, slope };
}
