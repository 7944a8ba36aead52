/**
 * The path of one membrane within a step, between the values and slopes at both ends of its last smooth piece.
 */

import { EXTRA, IE, II, RAMP, START, START_SLOPE, START_X, X } from "../src/chip/kernel/layout";
import { laneSlope } from "./currents";
import { length } from "./step-window";
import { add, all, mul, sub } from "./vector";

const SIXTH: f32 = 0.16666666666666666;
const THIRD: f32 = 0.3333333333333333;

/*
 * Noise N that an interval d adds to the membrane, N(0) = 0 and N(d) given: its mean in between is that of an
 * Ornstein–Uhlenbeck bridge, N(d) sinh(t/τ_m)/sinh(d/τ_m). `mean` is N(d)/d, `y` is −d/τ_m, at most 1/6 in size.
 */

/** Slope of the mean at the start: N(d)/d · y/sinh y. */
// @ts-ignore: decorator
@inline
export function noiseSlopeAtStart(mean: v128, y: v128): v128 {
  return mul(mean, sub(all(1), mul(mul(y, y), all(SIXTH))));
}

/** Slope of the mean at the end less −N(d)/τ_m, which the leak has: N(d)/d · (y coth y − y). */
// @ts-ignore: decorator
@inline
export function noiseSlopeAtEnd(mean: v128, y: v128): v128 {
  return mul(mean, add(all(1), mul(y, sub(mul(y, all(THIRD)), all(1)))));
}

/** Slope at the end of the step. */
// @ts-ignore: decorator
@inline
export function endSlope(l: usize): f32 {
  const smooth = laneSlope(l, load<f32>(l, X), load<f32>(l, IE), load<f32>(l, II));
  return smooth + load<f32>(l, RAMP) + load<f32>(l, EXTRA);
}

/** Potential at `time` within the step, on the cubic. */
export function pathAt(l: usize, time: f32): f32 {
  const from = load<f32>(l, START);
  const span = length - from;
  if (!(span > 0)) return load<f32>(l, X);
  const t = time - from;
  const u = t / span;
  const v: f32 = <f32>1 - u;
  const first = load<f32>(l, START_X);
  const rise = u * u * (<f32>3 - <f32>2 * u) * (load<f32>(l, X) - first);
  return first + rise + (t * v * v * load<f32>(l, START_SLOPE) - t * u * v * endSlope(l));
}

/** Slope at `time` within the step, on the cubic. */
export function pathSlopeAt(l: usize, time: f32): f32 {
  const from = load<f32>(l, START);
  const span = length - from;
  const first = load<f32>(l, START_SLOPE);
  if (!(time > from && span > 0)) return first;
  const u = (time - from) / span;
  const last = endSlope(l);
  const mean = (load<f32>(l, X) - load<f32>(l, START_X)) / span;
  const bend = <f32>3 * mean - <f32>2 * first - last;
  const twist = first + last - <f32>2 * mean;
  return first + u * (<f32>2 * bend + <f32>3 * twist * u);
}
