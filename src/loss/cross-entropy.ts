/**
 * Cross-entropy of a softmax, the common end of the losses that classify. With p_c = e^{s_c} / Σ e^s and l the label,
 *
 *     L = log Σ_c e^{s_c − s_l}          ∂L/∂s_c = p_c  (c ≠ l)          ∂L/∂s_l = −Σ_{c ≠ l} p_c
 *
 * The derivative at the label is not computed as p_l − 1, and L not as log(1 + small): where the label's score is far
 * above the others, both would lose all digits of what is left to learn. Scores count relative to the largest of them,
 * so that no finite score overflows.
 */

/** Returns L; writes ∂L/∂s to `slope`. Scores are finite; 0 ≤ label < scores.length = slope.length. */
export function crossEntropy(scores: Float64Array, label: number, slope: Float64Array): number {
  const classes = scores.length;
  let top = 0;
  for (let c = 1; c < classes; c++) if (scores[c]! > scores[top]!) top = c;
  const highest = scores[top]!;
  const behind = highest - scores[label]!;
  /** Σ over all classes but `top` of e^{s_c − s_top}. */
  let rest = 0;
  for (let c = 0; c < classes; c++) {
    const weight = Math.exp(scores[c]! - highest);
    slope[c] = weight;
    if (c !== top) rest += weight;
  }
  let others = 0;
  for (let c = 0; c < classes; c++) {
    slope[c] = slope[c]! / (1 + rest);
    if (c !== label) others += slope[c]!;
  }
  slope[label] = -others;
  return behind + Math.log1p(rest);
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
