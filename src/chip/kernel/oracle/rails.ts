/**
 * Membranes at the limits of their range. At a rail R the drive is D = −(R − V_L)/τ_m + s(I_e) − s(I_i). The membrane
 * is held while D pushes outwards. Currents only decay within a step, so D turns at most once or twice; taken as a
 * straight line between both ends, it turns a time r = d D₁/(D₁ − D₀) before the end, and from there the membrane
 * moves by ½ D₁ r (1 − r/(3 τ_m)). Twin of assembly/rails.ts.
 */

import { slope } from "./currents.ts";
import { f } from "./single.ts";
import type { OracleState } from "./state.ts";

const THIRD = f(1 / 3);

/** An interval of a lane: potentials without rails and currents at both ends, noise added over it. */
export interface Touch {
  readonly x0: number;
  readonly x1: number;
  readonly e0: number;
  readonly i0: number;
  readonly e1: number;
  readonly i1: number;
  readonly noise: number;
  /** Length of the interval, f32. */
  readonly length: number;
}

/** Membrane at the end of the step as the rails leave it. */
export function railed(state: OracleState, lane: number, touch: Touch): number {
  const { lanes } = state;
  const { x0, x1 } = touch;
  const low = lanes.low[lane]!;
  const high = lanes.high[lane]!;
  let x = x1;
  if (Math.min(x0, x1) <= low) x = atRail(state, lane, low, 1, x1, touch);
  if (Math.max(x0, x1) >= high) x = atRail(state, lane, high, -1, x, touch);
  return x;
}

/** `inwards`: 1 at the lower rail, −1 at the upper. */
function atRail(
  state: OracleState,
  lane: number,
  rail: number,
  inwards: 1 | -1,
  x: number,
  touch: Touch,
): number {
  const inside = (value: number): number => (inwards * (value - rail) > 0 ? value : rail);
  const before = slope(state, lane, rail, touch.e0, touch.i0);
  const after = slope(state, lane, rail, touch.e1, touch.i1);
  if (inwards * before >= 0) return inside(x);
  if (inwards * after <= 0) return rail;
  const part = f(after / f(after - before));
  const time = f(touch.length * part);
  const leak = f(1 + f(f(time * state.lanes.rateM[lane]!) * THIRD));
  return inside(f(f(rail + f(f(f(0.5 * after) * time) * leak)) + f(touch.noise * part)));
}
