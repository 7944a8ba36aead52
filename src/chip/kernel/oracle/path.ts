/**
 * The path of one membrane within a step: its last smooth piece runs from `start` to the end of the step. Values and
 * slopes at both ends make a cubic, for t after the start, L long, u = t/L:
 *
 *     x = x₀ + u² (3 − 2u) (x₁ − x₀) + t (1 − u)² ẋ₀ − t u (1 − u) ẋ₁
 *
 * The noise of a step enters as a straight line, so its slope is part of both ends' (`ramp`). Twin of assembly/path.ts.
 */

import { slope } from "./currents.ts";
import { f } from "./single.ts";
import type { OracleState } from "./state.ts";

/** Slope at the end of the step. */
export function endSlope(state: OracleState, lane: number): number {
  const { lanes } = state;
  const smooth = slope(state, lane, lanes.x[lane]!, lanes.ie[lane]!, lanes.ii[lane]!);
  return f(f(smooth + lanes.ramp[lane]!) + lanes.extra[lane]!);
}

/** Potential at `time` within the step, on the cubic. */
export function pathAt(state: OracleState, lane: number, time: number): number {
  const { lanes } = state;
  const from = lanes.start[lane]!;
  const span = f(state.length - from);
  if (!(span > 0)) return lanes.x[lane]!;
  const t = f(time - from);
  const u = f(t / span);
  const v = f(1 - u);
  const first = lanes.startX[lane]!;
  const rise = f(f(f(u * u) * f(3 - f(2 * u))) * f(lanes.x[lane]! - first));
  const early = f(f(f(t * v) * v) * lanes.startSlope[lane]!);
  const late = f(f(f(t * u) * v) * endSlope(state, lane));
  return f(f(first + rise) + f(early - late));
}

/** Slope at `time` within the step, on the cubic. */
export function pathSlopeAt(state: OracleState, lane: number, time: number): number {
  const { lanes } = state;
  const from = lanes.start[lane]!;
  const span = f(state.length - from);
  const first = lanes.startSlope[lane]!;
  if (!(time > from && span > 0)) return first;
  const u = f(f(time - from) / span);
  const last = endSlope(state, lane);
  const mean = f(f(lanes.x[lane]! - lanes.startX[lane]!) / span);
  const bending = f(f(f(3 * mean) - f(2 * first)) - last);
  const twist = f(f(first + last) - f(2 * mean));
  return f(first + f(u * f(f(2 * bending) + f(f(3 * twist) * u))));
}
