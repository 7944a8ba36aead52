/**
 * Running average of the weights over training steps: noise of single updates cancels, what they share stays.
 *
 *     a_n = d_n a_{n−1} + (1 − d_n) w_n        d_n = min(decay, (n − 1)/n)
 *
 * It starts as the plain mean of the first 1/(1 − decay) steps and becomes an exponential average; with decay
 * near 1 it stays the mean of all steps since it began (tail averaging). Unlike an average that starts at the
 * first weights it never remembers where training began.
 */

/** Plain data, so that a checkpoint is a copy of it. */
export interface WeightAverage {
  /** Steps averaged so far; `mean` is meaningless while 0. */
  count: number;
  readonly mean: Float64Array;
}

export function createAverage(length: number): WeightAverage {
  return { count: 0, mean: new Float64Array(length) };
}

/** Takes the weights after one more step into `average`, in place; 0 ≤ decay ≤ 1. */
export function updateAverage(average: WeightAverage, weights: Float64Array, decay: number): void {
  const { mean } = average;
  average.count++;
  const keep = Math.min(decay, (average.count - 1) / average.count);
  for (let i = 0; i < mean.length; i++) mean[i] = keep * mean[i]! + (1 - keep) * weights[i]!;
}
