/**
 * Membranes at the limits of their range. At a rail R the drive is D = −(R − V_L)/τ_m + s(I_e) − s(I_i). The membrane
 * is held while D pushes outwards. Currents only decay within a step, so D turns at most once or twice; taken as a
 * straight line between both ends, it turns a time r = d D₁/(D₁ − D₀) before the end, and from there the membrane
 * moves by ½ D₁ r (1 − r/(3 τ_m)).
 */

import { HIGH, LOW, RATE_M } from "../src/chip/kernel/layout";
import { slope } from "./currents";
import { add, all, div, max, min, mul, sub } from "./vector";

const THIRD: f32 = 0.3333333333333333;

/** End of the step of lanes that were at `rail` and were let go; `before`, `after`: drive there at both ends. */
// @ts-ignore: decorator
@inline
function leaveRail(p: usize, rail: v128, before: v128, after: v128, noise: v128, d: v128): v128 {
  const part = div(after, sub(after, before));
  const time = mul(d, part);
  const leak = add(all(1), mul(mul(time, v128.load(p, RATE_M)), all(THIRD)));
  return add(add(rail, mul(mul(mul(all(0.5), after), time), leak)), mul(noise, part));
}

/** Lanes at the lower rail, or below it at the end. */
// @ts-ignore: decorator
@inline
function atLow(p: usize, low: v128, x1: v128, e0: v128, i0: v128, e1: v128, i1: v128, noise: v128, d: f32, hot: bool): v128 {
  const before = slope(p, low, e0, i0, hot);
  const after = slope(p, low, e1, i1, hot);
  const pressed = f32x4.lt(before, all(0));
  const turns = f32x4.gt(after, all(0));
  let held = low;
  if (v128.any_true(v128.and(pressed, turns))) {
    held = v128.bitselect(max(leaveRail(p, low, before, after, noise, all(d)), low), low, turns);
  }
  return v128.bitselect(held, max(x1, low), pressed);
}

/** Lanes at the upper rail, or above it at the end. */
// @ts-ignore: decorator
@inline
function atHigh(p: usize, high: v128, x1: v128, e0: v128, i0: v128, e1: v128, i1: v128, noise: v128, d: f32, hot: bool): v128 {
  const before = slope(p, high, e0, i0, hot);
  const after = slope(p, high, e1, i1, hot);
  const pressed = f32x4.gt(before, all(0));
  const turns = f32x4.lt(after, all(0));
  let held = high;
  if (v128.any_true(v128.and(pressed, turns))) {
    held = v128.bitselect(min(leaveRail(p, high, before, after, noise, all(d)), high), high, turns);
  }
  return v128.bitselect(held, min(x1, high), pressed);
}

/** Membranes at the end of the step as the rails leave them. `hot`: some current may saturate. */
// @ts-ignore: decorator
@inline
export function clampToRails(
  p: usize, x0: v128, x1: v128, e0: v128, i0: v128, e1: v128, i1: v128, noise: v128, d: f32, hot: bool,
): v128 {
  let x = x1;
  const low = v128.load(p, LOW);
  const below = f32x4.le(min(x0, x1), low);
  if (v128.any_true(below)) x = v128.bitselect(atLow(p, low, x, e0, i0, e1, i1, noise, d, hot), x, below);
  const high = v128.load(p, HIGH);
  const above = f32x4.ge(max(x0, x1), high);
  if (v128.any_true(above)) x = v128.bitselect(atHigh(p, high, x, e0, i0, e1, i1, noise, d, hot), x, above);
  return x;
}
