/**
 * The derivative of a function of one weight by central differences, with a step that checks itself.
 *
 *     D(h) = (L(h) − L(−h)) / 2h = L′ + O(h²)      R = (4 D(h/2) − D(h)) / 3 = L′ + O(h⁴)
 *
 * |D(h) − D(h/2)| / 3 estimates the error that R removes, so it bounds what is left of it from above; rounding of L adds
 * ε |L| / h. Steps shrink until the estimate is good enough, or the best of them is taken. A step across which the order
 * of events changes at a neuron says nothing about the derivative and is not used.
 */

/** L at the weight plus an offset, or undefined when events come in another order there than at offset 0. */
export type LossAt = (offset: number) => number | undefined;

export interface Difference {
  readonly value: number;
  /** Estimated error of `value`. */
  readonly error: number;
}

/** Steps are firstStep · 4^−k. */
const SHRINK = 4;
const STEPS = 7;
/** Relative to |value|: there is no use for better. */
const GOOD_ENOUGH = 1e-9;
/** Below this a derivative is nothing, whatever the loss measures. */
const NOTHING = 1e-13;
/** Rounding errors of a simulation that add up in L, in units of the last place. */
const ROUNDING = 8 * Number.EPSILON;

/** Undefined when the order of events changes at every step. */
export function centralDifference(lossAt: LossAt, firstStep: number): Difference | undefined {
  let best: Difference | undefined;
  let step = firstStep;
  for (let k = 0; k < STEPS; k++, step /= SHRINK) {
    const wide = difference(lossAt, step);
    if (wide === undefined) continue;
    const narrow = difference(lossAt, step / 2);
    if (narrow === undefined) continue;
    const value = (4 * narrow.slope - wide.slope) / 3;
    const error = Math.abs(wide.slope - narrow.slope) / 3 + (ROUNDING * narrow.size) / step;
    if (best === undefined || error < best.error) best = { value, error };
    if (error <= GOOD_ENOUGH * Math.abs(value) + NOTHING) break;
  }
  return best;
}

function difference(lossAt: LossAt, step: number): { slope: number; size: number } | undefined {
  const above = lossAt(step);
  if (above === undefined) return undefined;
  const below = lossAt(-step);
  if (below === undefined) return undefined;
  // The distance of the two weights in floating point is 2 · step to a few units of the last place of the weight.
  return { slope: (above - below) / (2 * step), size: Math.abs(above) + Math.abs(below) };
}
