/** Numbers about lists of numbers: repeated measurements, and errors at several step sizes. */

export interface Spread {
  readonly mean: number;
  /** Of single measurements, with n − 1; 0 for one. */
  readonly deviation: number;
}

/** null without measurements. */
export function spreadOf(values: readonly number[]): Spread | null {
  if (values.length === 0) return null;
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return { mean, deviation: values.length === 1 ? 0 : Math.sqrt(squares / (values.length - 1)) };
}

/** null without values; of an even number of values the mean of the two in the middle. */
export function medianOf(values: readonly number[]): number | null {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  if (sorted.length === 0) return null;
  if (sorted.length % 2 === 1) return sorted[middle]!;
  return (sorted[middle - 1]! + sorted[middle]!) / 2;
}

/** What a table says about repeated measurements. */
export interface Summary {
  readonly n: number;
  readonly mean: number;
  /** With n − 1; null for one measurement, whose spread is unknown. */
  readonly sd: number | null;
  readonly median: number;
  readonly min: number;
  readonly max: number;
}

/** null without measurements. */
export function summaryOf(values: readonly number[]): Summary | null {
  const spread = spreadOf(values);
  const median = medianOf(values);
  if (spread === null || median === null) return null;
  const n = values.length;
  const sd = n === 1 ? null : spread.deviation;
  return { n, mean: spread.mean, sd, median, min: Math.min(...values), max: Math.max(...values) };
}

/** Slope of the straight line through (ln x, ln y): the order of a method from step sizes and errors. */
export function logarithmicSlope(x: readonly number[], y: readonly number[]): number {
  const [u, v] = [x.map(Math.log), y.map(Math.log)];
  const mean = (values: readonly number[]): number =>
    values.reduce((sum, value) => sum + value, 0) / values.length;
  const [meanU, meanV] = [mean(u), mean(v)];
  const xy = u.reduce((sum, value, i) => sum + (value - meanU) * (v[i]! - meanV), 0);
  const xx = u.reduce((sum, value) => sum + (value - meanU) ** 2, 0);
  return xy / xx;
}
