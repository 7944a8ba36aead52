/**
 * Paired comparison of two methods: differences of a metric under equal conditions, one for each (seed, chip). The
 * mean difference, its interval by the bootstrap, whether it could be chance, and the correction for many comparisons.
 */

import { stream } from "../core/random.ts";
import { spreadOf } from "./spread.ts";

export interface PairedComparison {
  readonly pairs: number;
  /** Mean of the differences. */
  readonly mean: number;
  /** 95 % interval of the mean; null with too few pairs, or when too many differences are equal to tell a spread. */
  readonly interval: readonly [number, number] | null;
  /** Two-sided p of the sign-flip test; null with too few pairs. */
  readonly p: number | null;
}

/** With fewer pairs no p below 0.05 is possible: of n pairs the smallest is 2^(1−n), 0.125 for four. */
export const FEWEST_PAIRS = 5;

/**
 * @param differences one per condition; finite, at least one
 * @param seed of the resamples, and of the flips when there are too many to try all
 */
export function comparePairs(differences: readonly number[], seed = 1): PairedComparison {
  const spread = spreadOf(differences);
  if (spread === null) throw new Error("no pairs to compare");
  const pairs = differences.length;
  const enough = pairs >= FEWEST_PAIRS;
  return {
    pairs,
    mean: spread.mean,
    interval: enough ? bootstrapInterval(differences, seed) : null,
    p: enough ? signFlipP(differences, seed) : null,
  };
}

const RESAMPLES = 9999;
const LEVEL = 0.95;
/** Relative size of what is rounding alone. */
const ROUNDING = 1e-12;

/**
 * 95 % interval of the mean by the studentized bootstrap (B. Efron, R. J. Tibshirani, "An Introduction to the
 * Bootstrap", 1993, section 12.5): the distribution of t = (mean* − mean) / se* over resamples takes the place of
 * Student's. The plain percentile interval holds the true mean of ten normal values in 90 % of the cases only, and of
 * five in 83 %; this one in 95 % (tests/slow/interval-coverage.test.ts). For five pairs it is wide.
 *
 * Null when so many values are equal that resamples without any spread decide on an end of the interval.
 */
export function bootstrapInterval(values: readonly number[], seed: number): readonly [number, number] | null {
  const n = values.length;
  const spread = spreadOf(values);
  if (spread === null || n < 2 || !(spread.deviation > 0)) return null;
  const { mean, deviation } = spread;
  const centered = values.map((value) => value - mean);
  const draws = stream(seed, "statistics/bootstrap");
  const ratios: number[] = [];
  for (let r = 0; r < RESAMPLES; r++) {
    let sum = 0;
    let squares = 0;
    for (let i = 0; i < n; i++) {
      const value = centered[draws.below(n)]!;
      sum += value;
      squares += value * value;
    }
    const shift = sum / n;
    const variance = (squares - n * shift * shift) / (n - 1);
    // A resample of one value, repeated.
    const spreadless = variance <= ROUNDING * deviation * deviation;
    ratios.push(
      spreadless
        ? shift < 0
          ? Number.NEGATIVE_INFINITY
          : Number.POSITIVE_INFINITY
        : shift / Math.sqrt(variance),
    );
  }
  ratios.sort((a, b) => a - b);
  // As many ratios lie beyond one end as beyond the other.
  const rank = Math.max(1, Math.floor(((1 - LEVEL) / 2) * (ratios.length + 1)));
  const [low, high] = [ratios[rank - 1]!, ratios[ratios.length - rank]!];
  if (!Number.isFinite(low) || !Number.isFinite(high)) return null;
  return [mean - high * deviation, mean - low * deviation];
}

/** Up to this many pairs all 2^n flips are tried: a million take some ten milliseconds. */
export const ALL_FLIPS = 20;
const RANDOM_FLIPS = 99_999;

/**
 * Two-sided p of the sign-flip test (R. A. Fisher, "The Design of Experiments", 1935, section 21): if the two methods
 * are alike, each difference could as well have the other sign; p is the share of all 2^n sign patterns whose sum is at
 * least as far from 0 as the observed one. It is exact up to `ALL_FLIPS` pairs; beyond, it is the share among random
 * patterns, the observed one counted with them, which errs towards a larger p.
 */
export function signFlipP(differences: readonly number[], seed = 1): number {
  const n = differences.length;
  const observed = Math.abs(sumOf(differences));
  const limit = observed - ROUNDING * sumOf(differences.map(Math.abs));
  if (n > ALL_FLIPS) return randomFlipP(differences, limit, seed);
  // In the order of a Gray code one sign changes at a time. The first sign stays: its flip mirrors all sums.
  const signed = [...differences];
  let sum = sumOf(signed);
  let extreme = 0;
  const patterns = 2 ** (n - 1);
  for (let step = 0; step < patterns; step++) {
    if (step > 0) {
      const index = 1 + trailingZeros(step);
      sum -= 2 * signed[index]!;
      signed[index] = -signed[index]!;
    }
    if (Math.abs(sum) >= limit) extreme++;
  }
  return extreme / patterns;
}

function randomFlipP(differences: readonly number[], limit: number, seed: number): number {
  const draws = stream(seed, "statistics/sign-flip");
  let extreme = 1;
  for (let r = 0; r < RANDOM_FLIPS; r++) {
    let sum = 0;
    for (const difference of differences) sum += draws.word() >>> 31 === 1 ? difference : -difference;
    if (Math.abs(sum) >= limit) extreme++;
  }
  return extreme / (RANDOM_FLIPS + 1);
}

function sumOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0);
}

function trailingZeros(value: number): number {
  return 31 - Math.clz32(value & -value);
}

/**
 * p values corrected for the number of comparisons (S. Holm, "A simple sequentially rejective multiple test procedure",
 * Scand. J. Statist. 6, 1979): the smallest times m, the next times m − 1, …, never falling, at most 1.
 * Comparisons without a p (null) do not count.
 */
export function holm(ps: readonly (number | null)[]): (number | null)[] {
  const tested = ps.flatMap((p, index) => (p === null ? [] : [{ p, index }])).sort((a, b) => a.p - b.p);
  const corrected: (number | null)[] = ps.map(() => null);
  let floor = 0;
  for (const [rank, { p, index }] of tested.entries()) {
    floor = Math.max(floor, Math.min(1, p * (tested.length - rank)));
    corrected[index] = floor;
  }
  return corrected;
}
