/**
 * Exponential and adaptation terms, after the linear step. The drive g = (Δ_T/τ_m) e^((V − V_T)/Δ_T) − w acts through
 * the membrane's response to a constant, τ_m (1 − e^(−d/τ_m)), averaged over both ends of the step (second order);
 * the adaptation follows the mean of the membrane. Twin of assembly/adex.ts.
 */

import { canSpike, crossing, NEVER } from "./crossing.ts";
import { endSlope } from "./path.ts";
import { enqueue } from "./queue.ts";
import { exp32, f } from "./single.ts";
import type { OracleState } from "./state.ts";

/** Largest exponent of the upstroke. */
const STEEPEST = 30;

function drive({ lanes }: OracleState, lane: number, x: number, w: number): number {
  const rate = lanes.expRate[lane]!;
  if (!(rate > 0)) return -w;
  const capped = Math.min(x, lanes.expCeiling[lane]!);
  const exponent = f(f(capped - lanes.expThreshold[lane]!) * lanes.expSteepness[lane]!);
  return f(f(rate * exp32(Math.min(exponent, STEEPEST))) - w);
}

/** Adds the terms to the lane's present piece of path; w is taken as it is. */
export function extend(state: OracleState, lane: number): void {
  const { lanes } = state;
  const span = f(state.length - lanes.start[lane]!);
  const w = lanes.w[lane]!;
  const first = lanes.startX[lane]!;
  const rate = lanes.rateM[lane]!;
  const response = f(f(exp32(f(rate * span)) - 1) / rate);
  const early = drive(state, lane, first, w);
  const smooth = lanes.x[lane]!;
  const late = drive(state, lane, f(smooth + f(response * early)), w);
  const moved = f(smooth + f(response * f(0.5 * f(early + late))));
  const x = Math.min(Math.max(moved, lanes.low[lane]!), lanes.high[lane]!);
  lanes.x[lane] = x;
  lanes.startSlope[lane] = f(lanes.startSlope[lane]! + early);
  lanes.extra[lane] = drive(state, lane, x, w);
  // A cubic whose end is steeper than three times its mean slope would undershoot before it rises.
  const over = span > 0 ? f(endSlope(state, lane) - f(f(3 * f(x - first)) / span)) : 0;
  if (x > first && over > 0) lanes.extra[lane] = f(lanes.extra[lane]! - over);
}

/** All lanes: adaptation over the step, terms of the open ones, crossings. */
export function advanceAdex(state: OracleState): void {
  const { lanes } = state;
  for (let lane = 0; lane < 4 * state.plan.vectors; lane++) {
    if (lanes.live[lane] === 0) continue;
    const open = lanes.open[lane] !== 0;
    const decay = exp32(f(lanes.adaptRate[lane]! * state.length));
    const before = lanes.w[lane]!;
    const x0 = open ? lanes.startX[lane]! : lanes.reset[lane]!;
    const a = lanes.adaptA[lane]!;
    const away = lanes.adaptLeak[lane]!;
    const after = (x: number): number => f(f(decay * before) + f(f(1 - decay) * f(a * f(x - away))));
    if (!open) {
      lanes.w[lane] = after(x0);
      continue;
    }
    // The membrane feels the mean of w over the step.
    lanes.w[lane] = f(0.5 * f(before + after(x0)));
    extend(state, lane);
    lanes.w[lane] = after(f(0.5 * f(x0 + lanes.x[lane]!)));
    if (!canSpike(state, lane)) continue;
    const time = crossing(state, lane);
    if (time !== NEVER) enqueue(state, lane, time);
  }
}
