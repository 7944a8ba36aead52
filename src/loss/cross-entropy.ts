/**
 * Cross-entropy of a softmax, the common end of the losses that classify.
 *
 *     L = log Σ_c e^{s_c} − s_label          ∂L/∂s_c = e^{s_c}/Σ e^s − [c = label]
 *
 * Computed relative to the largest score, so that no finite score overflows.
 */

/** Returns L; writes ∂L/∂s to `slope`. Scores are finite; 0 ≤ label < scores.length = slope.length. */
export function crossEntropy(scores: Float64Array, label: number, slope: Float64Array): number {
  const classes = scores.length;
  let top = Number.NEGATIVE_INFINITY;
  for (let c = 0; c < classes; c++) top = Math.max(top, scores[c]!);
  const labelled = scores[label]! - top;
  let sum = 0;
  for (let c = 0; c < classes; c++) {
    const weight = Math.exp(scores[c]! - top);
    slope[c] = weight;
    sum += weight;
  }
  for (let c = 0; c < classes; c++) slope[c] = slope[c]! / sum;
  slope[label] = slope[label]! - 1;
  return Math.log(sum) - labelled;
}

/**
 * Index of the largest score among outputs that are present; −1 when there is none, or when several share it: a tie
 * is no prediction.
 */
export function largest(scores: Float64Array, present: (output: number) => boolean): number {
  let best = -1;
  let tied = false;
  for (let c = 0; c < scores.length; c++) {
    if (!present(c)) continue;
    if (best === -1 || scores[c]! > scores[best]!) {
      best = c;
      tied = false;
    } else if (scores[c] === scores[best]) tied = true;
  }
  return tied ? -1 : best;
}
