/**
 * What the synaptic currents do to the membrane. An input drives it with s(I), linear up to the knee k = S/2 and
 * bent by a parabola to its limit S, which it meets at 2S − k: once differentiable. Kept is the excess r = I − s,
 *
 *     r = 0 (I ≤ k)      r = (I − k)²/(4 (S − k)) (to I = 2S − k)      r = I − S beyond
 *
 * because the propagators of the linear part are exact: the membrane lacks ∫ e^(−(h−t)/τ_m) r(I(t)) dt, which is 0 for
 * most vectors at most times.
 */

import {
  MAY_SATURATE, KNEE_E, KNEE_I, NEAR_THRESHOLD, NOWHERE, RATE_E, RATE_I, RATE_M, STRIDE, STRONG_E, FLAG_FROM, WEIGHT_1, WEIGHT_2,
} from "../src/chip/kernel/layout";
import { add, all, at, max, min, mul, root, sub } from "./vector";

const SIXTH: f32 = 0.16666666666666666;

/** r(I) of a vector; `knee` is KNEE_E or KNEE_I. */
// @ts-ignore: decorator
@inline
export function excess(p: usize, knee: usize, current: v128): v128 {
  const over = max(sub(current, at(p, knee)), all(0));
  const bent = min(over, at(p, knee + STRIDE));
  return add(mul(mul(bent, bent), at(p, knee + 2 * STRIDE)), sub(over, bent));
}

/** ∫₀ᵈ e^(−(d−t)/τ_m) r(I(t)) dt by Simpson's rule, I(t) decaying from `current`. */
// @ts-ignore: decorator
@inline
export function excessIntegral(p: usize, knee: usize, d: v128, am: v128, as: v128, current: v128): v128 {
  const first = mul(am, excess(p, knee, current));
  const middle = mul(mul(all(4), root(am)), excess(p, knee, mul(current, root(as))));
  const last = excess(p, knee, mul(current, as));
  return mul(mul(d, all(SIXTH)), add(add(first, middle), last));
}

/** ∫ over a full step of e^(−(h−t)/τ_m) r(I(t)) dt at two Gauss–Legendre nodes. */
// @ts-ignore: decorator
@inline
export function excessOfStep(p: usize, knee: usize, node1: v128, node2: v128, current: v128): v128 {
  const first = mul(v128.load(p, WEIGHT_1), excess(p, knee, mul(current, node1)));
  return add(first, mul(v128.load(p, WEIGHT_2), excess(p, knee, mul(current, node2))));
}

/** Masks of currents that may saturate or are strong as MAY_SATURATE has them. */
// @ts-ignore: decorator
@inline
function bits(exc: v128, inh: v128): i32 {
  return i32x4.bitmask(exc) | (i32x4.bitmask(inh) << 4);
}

/** Whether inhibitory currents may. */
// @ts-ignore: decorator
@inline
export function inhibitionMaySaturate(hot: i32): bool {
  return hot > 15;
}

/** Marks a vector by its currents at the end of the step: the loop notes it where one is above its knee or strong. */
// @ts-ignore: decorator
@inline
export function mark(p: usize, ie: v128, ii: v128): void {
  const exc = f32x4.gt(ie, min(v128.load(p, KNEE_E), v128.load(p, STRONG_E)));
  const inh = f32x4.gt(ii, v128.load(p, KNEE_I));
  store<i32>(p, bits(exc, inh), MAY_SATURATE);
  v128.store(p, v128.bitselect(v128.load(NOWHERE), v128.load(p, NEAR_THRESHOLD), v128.or(exc, inh)), FLAG_FROM);
}

/** Bits of −∞. */
const MINUS_INFINITY: i32 = 0xff800000;

/** Sets the potential above which a lane is examined; without a branch, which could not be predicted. */
// @ts-ignore: decorator
@inline
export function setNear(l: usize, near: f32): void {
  store<f32>(l, near, NEAR_THRESHOLD);
  const hot = load<i32>(l & ~15, MAY_SATURATE) >> <i32>((l >>> 2) & 3);
  const cold = -<i32>((hot & 0x11) == 0);
  store<i32>(l, (reinterpret<i32>(near) & cold) | (MINUS_INFINITY & ~cold), FLAG_FROM);
}

/** dV/dt of a vector without noise. */
// @ts-ignore: decorator
@inline
export function slope(p: usize, x: v128, ie: v128, ii: v128, hot: bool): v128 {
  const linear = sub(add(mul(v128.load(p, RATE_M), x), ie), ii);
  if (!hot) return linear;
  return sub(linear, sub(excess(p, KNEE_E, ie), excess(p, KNEE_I, ii)));
}

/** ds/dt of a vector for a current that decays at `rate` (−1/τ). */
// @ts-ignore: decorator
@inline
export function driveChange(p: usize, knee: usize, rate: v128, current: v128, hot: bool): v128 {
  const change = mul(rate, current);
  if (!hot) return change;
  const over = max(sub(current, at(p, knee)), all(0));
  const bent = min(over, at(p, knee + STRIDE));
  return mul(change, sub(all(1), mul(add(bent, bent), at(p, knee + 2 * STRIDE))));
}

/** ds/dt of one lane. */
function laneDriveChange(l: usize, knee: usize, rate: f32, current: f32): f32 {
  const change = rate * current;
  const over = current - load<f32>(l + knee);
  if (!(over > 0)) return change;
  const width = load<f32>(l + knee + STRIDE);
  const bent = over < width ? over : width;
  return change * (<f32>1 - (bent + bent) * load<f32>(l + knee + 2 * STRIDE));
}

/** d²V/dt² of one lane without noise, from its slope and currents. */
export function laneBend(l: usize, slope: f32, ie: f32, ii: f32): f32 {
  const exc = laneDriveChange(l, KNEE_E, load<f32>(l, RATE_E), ie);
  const inh = laneDriveChange(l, KNEE_I, load<f32>(l, RATE_I), ii);
  return load<f32>(l, RATE_M) * slope + exc - inh;
}

/** r(I) of one lane. */
// @ts-ignore: decorator
@inline
export function laneExcess(l: usize, knee: usize, current: f32): f32 {
  const over = current - load<f32>(l + knee);
  return over > 0 ? bentExcess(l, knee, over) : 0;
}

function bentExcess(l: usize, knee: usize, over: f32): f32 {
  const width = load<f32>(l + knee + STRIDE);
  const bent = over < width ? over : width;
  return bent * bent * load<f32>(l + knee + 2 * STRIDE) + (over - bent);
}

/** dV/dt of one lane without noise. */
// @ts-ignore: decorator
@inline
export function laneSlope(l: usize, x: f32, ie: f32, ii: f32): f32 {
  const linear = load<f32>(l, RATE_M) * x + ie - ii;
  return linear - (laneExcess(l, KNEE_E, ie) - laneExcess(l, KNEE_I, ii));
}
