/**
 * How an estimate agrees with a reference, as numbers. All are null where the reference (or the estimate, for the
 * cosine) is zero everywhere: there is nothing to divide by, and nothing was checked; and where an entry of the
 * estimate is not finite, which is counted elsewhere.
 */

import type { EstimatedGradients } from "./estimators-under-test.ts";
import type { ProjectionDifferences } from "./finite-differences.ts";

export interface Agreement {
  /** ‖estimate − reference‖ / ‖reference‖ */
  readonly relativeError: number | null;
  /** ⟨estimate, reference⟩ / (‖estimate‖ ‖reference‖) */
  readonly cosine: number | null;
  /** ⟨estimate, reference⟩ / ‖reference‖² − 1: by how much the estimate is too long along the reference. */
  readonly bias: number | null;
}

/** @param length entries of both arrays that count */
export function agreement(
  estimate: Float64Array,
  reference: Float64Array,
  length = reference.length,
): Agreement {
  let distance = 0;
  let product = 0;
  let estimateSquare = 0;
  let referenceSquare = 0;
  for (let i = 0; i < length; i++) {
    const [a, b] = [estimate[i]!, reference[i]!];
    distance += (a - b) ** 2;
    product += a * b;
    estimateSquare += a * a;
    referenceSquare += b * b;
  }
  if (referenceSquare === 0 || !Number.isFinite(estimateSquare))
    return { relativeError: null, cosine: null, bias: null };
  return {
    relativeError: Math.sqrt(distance / referenceSquare),
    cosine: estimateSquare === 0 ? null : product / Math.sqrt(estimateSquare * referenceSquare),
    bias: product / referenceSquare - 1,
  };
}

/**
 * Median of |estimate − reference| / |reference| over the entries whose reference is not 0; null without any. Unlike
 * a norm it is not ruled by the few entries whose spikes barely cross the threshold.
 */
export function medianEntryError(estimate: Float64Array, reference: Float64Array): number | null {
  const errors: number[] = [];
  reference.forEach((entry, i) => {
    const error = Math.abs(estimate[i]! / entry - 1);
    // An estimate that is not a number is as wrong as can be.
    if (entry !== 0) errors.push(Number.isNaN(error) ? Number.POSITIVE_INFINITY : error);
  });
  errors.sort((a, b) => a - b);
  return errors[errors.length >> 1] ?? null;
}

// One projection --------------------------------------------------------------------------------------------

// An estimator's gradients of single samples against central differences, projection by projection.
//
// Differences of single pairs (weight, sample) decide about exactness; the numbers of the table compare sums over
// samples, because that is what training follows. A pair counts in neither where it was skipped, nor in a sample in
// which the estimator claims nothing (a jump was capped; a closed form for first spikes met a second one).

export interface ProjectionAgreement extends Agreement {
  readonly projection: string;
  /** Of single pairs, relative to the largest difference of the projection; null when all differences are 0. */
  readonly largestError: number | null;
  /** Pairs that were compared, and those among them with a derivative other than 0. */
  readonly checked: number;
  readonly nonzero: number;
  /** Pairs of samples in which the estimator claims nothing; not compared. */
  readonly outside: number;
  /** Pairs whose central difference is not known well enough for the tolerance; not judged. */
  readonly unresolved: number;
  /** Pairs further from their difference than the tolerance allows, or without a finite estimate. */
  readonly wrong: number;
}

/** One central difference, and what an estimator says there. */
export interface GradientPair {
  readonly projection: string;
  /** Counted within the projection, and within the samples of the check. */
  readonly weight: number;
  readonly sample: number;
  readonly difference: number;
  readonly estimate: number;
  /** In a sample in which the estimator claims nothing. */
  readonly outside: boolean;
}

/** All pairs of a projection that were not skipped. */
export function pairsOf(
  { part, weights, value }: ProjectionDifferences,
  { perSample, outside }: EstimatedGradients,
  parameters: number,
): GradientPair[] {
  const samples = outside.length;
  const pairs: GradientPair[] = [];
  weights.forEach((weight, w) => {
    for (let sample = 0; sample < samples; sample++) {
      const difference = value[w * samples + sample]!;
      if (Number.isNaN(difference)) continue;
      pairs.push({
        projection: part.name,
        weight: weight - part.offset,
        sample,
        difference,
        estimate: perSample[sample * parameters + weight]!,
        outside: outside[sample] === 1,
      });
    }
  });
  return pairs;
}

/**
 * Allowed distance of a pair, relative to the largest difference of its projection, on top of twice the estimated
 * error of the difference itself. Central differences in double precision reach 1e-8 to 1e-10 here.
 */
const PAIR_TOLERANCE = 1e-6;
/** Differences with a larger estimated error cannot judge anybody. */
const RESOLVED = 1e-5;

export function compareProjection(
  differences: ProjectionDifferences,
  { perSample, outside }: EstimatedGradients,
  parameters: number,
): ProjectionAgreement {
  const { weights, value, error } = differences;
  const samples = outside.length;
  const used = (pair: number): boolean => !Number.isNaN(value[pair]!) && outside[pair % samples] === 0;
  let largest = 0;
  for (let pair = 0; pair < value.length; pair++) {
    if (used(pair)) largest = Math.max(largest, Math.abs(value[pair]!));
  }
  const counts = { checked: 0, nonzero: 0, outside: 0, unresolved: 0, wrong: 0 };
  const estimateSum = new Float64Array(weights.length);
  const referenceSum = new Float64Array(weights.length);
  let largestError = 0;
  for (let pair = 0; pair < value.length; pair++) {
    const sample = pair % samples;
    const w = (pair - sample) / samples;
    const reference = value[pair]!;
    if (outside[sample] === 1) counts.outside++;
    if (!used(pair)) continue;
    const estimate = perSample[sample * parameters + weights[w]!]!;
    counts.checked++;
    if (reference !== 0) counts.nonzero++;
    estimateSum[w] = estimateSum[w]! + estimate;
    referenceSum[w] = referenceSum[w]! + reference;
    const uncertainty = error[pair]!;
    const distance = Math.abs(estimate - reference);
    if (!Number.isFinite(estimate)) counts.wrong++;
    else if (reference !== 0 && uncertainty > RESOLVED * largest) counts.unresolved++;
    else {
      if (distance > PAIR_TOLERANCE * largest + 2 * uncertainty) counts.wrong++;
      if (largest > 0) largestError = Math.max(largestError, distance / largest);
    }
  }
  return {
    projection: differences.part.name,
    ...agreement(estimateSum, referenceSum),
    largestError: largest === 0 ? null : largestError,
    ...counts,
  };
}
