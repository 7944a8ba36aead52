/**
 * Limits on the gradient of a batch, so that one batch with nearly infinite derivatives (a membrane that hardly reaches
 * the threshold) does not throw the weights away.
 *
 *     by value   g_i ← min(max(g_i, −value), value)
 *     by norm    g ← g · min(1, norm / |g|)              over all weights; the direction stays
 *
 * With both the values are clipped first. R. Pascanu, T. Mikolov, Y. Bengio (2013), arXiv 1211.5063, section 3.2.
 */

export interface Clipping {
  readonly value?: number;
  readonly norm?: number;
}

/** Clips in place; true when anything was changed. */
export function clipGradient(gradient: Float64Array, { value, norm }: Clipping): boolean {
  let clipped = false;
  let square = 0;
  for (let i = 0; i < gradient.length; i++) {
    const g = gradient[i]!;
    if (value !== undefined && Math.abs(g) > value) {
      gradient[i] = Math.sign(g) * value;
      clipped = true;
    }
    square += gradient[i]! * gradient[i]!;
  }
  const length = Math.sqrt(square);
  if (norm === undefined || length <= norm) return clipped;
  for (let i = 0; i < gradient.length; i++) gradient[i] = gradient[i]! * (norm / length);
  return true;
}
