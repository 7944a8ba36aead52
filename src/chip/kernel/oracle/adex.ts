/**
 * Exponential and adaptation terms, after the linear step. The adaptation w acts through the membrane's response to a
 * constant, τ_m (1 − e^(−d/τ_m)), with its mean over the step, and follows the mean of the membrane. With it, the mean
 * drive of the step is F = (x₁ − x₀)/d, and the exponential term under a constant drive has a closed form:
 *
 *     V̇ = F + (Δ/τ_m) e^((V − V_T)/Δ)     z = e^(−(V − V_T)/Δ)     ż = −(F/Δ) z − 1/τ_m
 *     z(t) = (z₀ + q) e^(−F t/Δ) − q       q = Δ/(τ_m F)
 *
 * so that the upstroke, which no step can resolve, is exact up to the change of F, and the time at which it meets the
 * threshold is a logarithm. Second order in the step. Twin of assembly/adex.ts.
 */

import { canSpike, crossing, NEVER } from "./crossing.ts";
import { endSlope } from "./path.ts";
import { enqueue } from "./queue.ts";
import { exp32, f, log32 } from "./single.ts";
import type { OracleState } from "./state.ts";

/** Below this many widths under V_T the exponential term is below f32. */
const FAR = -16;
/** Largest exponent that is taken of it where it only sets a slope. */
const STEEPEST = 30;
/** Below this change of ln z the closed form is expanded. */
const SMALL = f(1e-3);

/** Exponential drive at potential x. */
function exponentialDrive({ lanes }: OracleState, lane: number, x: number): number {
  const capped = Math.min(x, lanes.expCeiling[lane]!);
  const exponent = f(f(capped - lanes.expThreshold[lane]!) * lanes.expSteepness[lane]!);
  return f(lanes.expRate[lane]! * exp32(Math.min(exponent, STEEPEST)));
}

/** z after `span` under the drive, which changes ln z by `change`. */
function flow(z0: number, rate: number, span: number, change: number): number {
  const decay = exp32(-change);
  const bent = Math.abs(change) < SMALL ? f(1 - f(0.5 * change)) : f(f(1 - decay) / change);
  return f(f(z0 * decay) + f(f(rate * span) * bent));
}

/** Membrane at the end of the piece without the exponential term → with it; sets X, returns the crossing or NEVER. */
function upstroke(state: OracleState, lane: number, first: number, smooth: number, span: number): number {
  const { lanes } = state;
  const steepness = lanes.expSteepness[lane]!;
  const away = lanes.expThreshold[lane]!;
  const ceiling = lanes.expCeiling[lane]!;
  const y0 = f(f(first - away) * steepness);
  const y1 = f(f(smooth - away) * steepness);
  lanes.x[lane] = smooth;
  if ((y0 < FAR && y1 < FAR) || !(span > 0)) return NEVER;
  const rate = lanes.rateM[lane]!;
  const z0 = exp32(-y0);
  const top = exp32(-f(f(ceiling - away) * steepness));
  let change = f(y1 - y0);
  let z = flow(z0, rate, span, change);
  if (z > top) {
    // The leak also draws on what the exponential has added, half of it in the mean.
    const added = f(f(f(-log32(z)) / steepness) - f(smooth - away));
    change = f(change + f(f(f(f(0.5 * added) * rate) * span) * steepness));
    z = flow(z0, rate, span, change);
  }
  if (z > top) {
    lanes.x[lane] = f(away - f(log32(z) / steepness));
    return NEVER;
  }
  lanes.x[lane] = ceiling;
  if (!canSpike(state, lane)) return NEVER;
  let time: number;
  if (Math.abs(change) < SMALL) {
    time = f(f(top - z0) / rate);
  } else {
    const q = f(-f(rate * span) / change);
    time = f(f(span * log32(f(f(z0 + q) / f(top + q)))) / change);
  }
  return f(lanes.start[lane]! + Math.min(Math.max(time, 0), span));
}

/** Adds the terms to the lane's present piece of path, w as it is. Returns its crossing or NEVER. */
export function extend(state: OracleState, lane: number): number {
  const { lanes } = state;
  const span = f(state.length - lanes.start[lane]!);
  const w = lanes.w[lane]!;
  const first = lanes.startX[lane]!;
  const rate = lanes.rateM[lane]!;
  const response = f(f(exp32(f(rate * span)) - 1) / rate);
  const smooth = f(lanes.x[lane]! - f(response * w));
  lanes.startSlope[lane] = f(lanes.startSlope[lane]! - w);
  if (!(lanes.expRate[lane]! > 0)) {
    lanes.x[lane] = Math.min(Math.max(smooth, lanes.low[lane]!), lanes.high[lane]!);
    lanes.startBend[lane] = f(lanes.startBend[lane]! - f(rate * w));
    lanes.extra[lane] = -w;
    return canSpike(state, lane) ? crossing(state, lane) : NEVER;
  }
  let time = upstroke(state, lane, first, smooth, span);
  const x = Math.min(Math.max(lanes.x[lane]!, lanes.low[lane]!), lanes.high[lane]!);
  lanes.x[lane] = x;
  lanes.startSlope[lane] = f(lanes.startSlope[lane]! + exponentialDrive(state, lane, first));
  lanes.extra[lane] = f(exponentialDrive(state, lane, x) - w);
  // A cubic whose end is steeper than three times its mean slope would undershoot before it rises.
  const over = span > 0 ? f(endSlope(state, lane) - f(f(3 * f(x - first)) / span)) : 0;
  if (x > first && over > 0) lanes.extra[lane] = f(lanes.extra[lane]! - over);
  if (first >= lanes.threshold[lane]! && canSpike(state, lane)) time = lanes.start[lane]!;
  return time;
}

/** Change of w over d when the membrane is at x in the mean rather than at its leak. */
export function adapt({ lanes }: OracleState, lane: number, d: number, x: number): number {
  return f(f(1 - exp32(f(lanes.adaptRate[lane]! * d))) * f(lanes.adaptA[lane]! * x));
}

/** All lanes: adaptation over the step, terms of the open ones, crossings. */
export function advanceAdex(state: OracleState): void {
  const { lanes } = state;
  for (let lane = 0; lane < 4 * state.plan.vectors; lane++) {
    if (lanes.live[lane] === 0) continue;
    const before = lanes.w[lane]!;
    const decayed = f(before * exp32(f(lanes.adaptRate[lane]! * state.length)));
    const away = lanes.adaptLeak[lane]!;
    const open = lanes.open[lane] !== 0;
    const x0 = open ? lanes.startX[lane]! : lanes.reset[lane]!;
    const after = f(decayed + adapt(state, lane, state.length, f(x0 - away)));
    lanes.w[lane] = after;
    if (!open) continue;
    lanes.w[lane] = f(0.5 * f(before + after));
    const time = extend(state, lane);
    const mean = f(0.5 * f(x0 + lanes.x[lane]!));
    lanes.w[lane] = f(decayed + adapt(state, lane, state.length, f(mean - away)));
    if (time !== NEVER) enqueue(state, lane, time);
  }
}

/** A spike at `from`: what the membrane, now at reset, no longer does to w in the rest of the step, and the jump b. */
export function adaptToSpike(state: OracleState, lane: number, from: number): void {
  const { lanes } = state;
  const rest = f(state.length - from);
  const missed = f(0.5 * f(lanes.threshold[lane]! + lanes.x[lane]!));
  const jump = f(lanes.adaptB[lane]! * exp32(f(lanes.adaptRate[lane]! * rest)));
  const change = adapt(state, lane, rest, f(lanes.reset[lane]! - missed));
  lanes.w[lane] = f(lanes.w[lane]! + f(change + jump));
}
