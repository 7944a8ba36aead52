/**
 * An estimator's gradients of single samples against central differences, projection by projection.
 *
 * Differences of single pairs (weight, sample) decide about exactness; the numbers of the table compare sums over
 * samples, because that is what training follows. A pair counts in neither where it was skipped, nor in a sample in
 * which the estimator claims nothing (a jump was capped; a closed form for first spikes met a second one).
 */

import { type Agreement, agreement } from "./agreement.ts";
import type { EstimatedGradients } from "./estimated-gradients.ts";
import type { ProjectionDifferences } from "./finite-differences.ts";

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
export const PAIR_TOLERANCE = 1e-6;
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
