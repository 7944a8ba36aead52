/**
 * How an estimate agrees with a reference, as numbers. All are null where the reference (or the estimate, for the
 * cosine) is zero everywhere: there is nothing to divide by, and nothing was checked; and where an entry of the
 * estimate is not finite, which is counted elsewhere.
 */

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
