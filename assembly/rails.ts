/**
 * Membranes at the limits of their range: held there while the drive pushes outwards, let go at the time at which it
 * turns. Twin of src/kernels/oracle/rails.ts, which derives the formula.
 */

import { HIGH, LOW, RATE_M } from "../src/kernels/layout";
import { slope } from "./currents";
import { add, all, div, max, min, mul, sub } from "./vector";

const THIRD: f32 = 0.3333333333333333;

/** End of the step of lanes that were at `rail` and were let go; `before`, `after`: drive there at both ends. */
// @ts-ignore: decorator
@inline
function letGo(p: usize, rail: v128, before: v128, after: v128, noise: v128, d: v128): v128 {
  const part = div(after, sub(after, before));
  const time = mul(d, part);
  const leak = add(all(1), mul(mul(time, v128.load(p, RATE_M)), all(THIRD)));
  return add(add(rail, mul(mul(mul(all(0.5), after), time), leak)), mul(noise, part));
}

/** Membranes at the end of the step as the rails leave them. */
// @ts-ignore: decorator
@inline
export function railed(
  p: usize, x0: v128, x1: v128, e0: v128, i0: v128, e1: v128, i1: v128, noise: v128, d: f32, hot: bool,
): v128 {
  const zero = all(0);
  const low = v128.load(p, LOW);
  const lowBefore = slope(p, low, e0, i0, hot);
  const lowAfter = slope(p, low, e1, i1, hot);
  const rising = max(letGo(p, low, lowBefore, lowAfter, noise, all(d)), low);
  const down = v128.bitselect(rising, low, f32x4.gt(lowAfter, zero));
  const atLow = v128.bitselect(down, max(x1, low), f32x4.lt(lowBefore, zero));
  const x = v128.bitselect(atLow, x1, f32x4.le(min(x0, x1), low));

  const high = v128.load(p, HIGH);
  const highBefore = slope(p, high, e0, i0, hot);
  const highAfter = slope(p, high, e1, i1, hot);
  const falling = min(letGo(p, high, highBefore, highAfter, noise, all(d)), high);
  const up = v128.bitselect(falling, high, f32x4.lt(highAfter, zero));
  const atHigh = v128.bitselect(up, min(x, high), f32x4.gt(highBefore, zero));
  return v128.bitselect(atHigh, x, f32x4.ge(max(x0, x1), high));
}
