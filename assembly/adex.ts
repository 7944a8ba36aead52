/**
 * Exponential and adaptation terms, after the linear step. The adaptation w acts through the membrane's response to a
 * constant, τ_m (1 − e^(−d/τ_m)), with its mean over the step, and follows the mean of the membrane. With it, the mean
 * drive of the step is F = (x₁ − x₀)/d, and the exponential term under a constant drive has a closed form:
 *
 *     V̇ = F + (Δ/τ_m) e^((V − V_T)/Δ)     z = e^(−(V − V_T)/Δ)     ż = −(F/Δ) z − 1/τ_m
 *     z(t) = (z₀ + q) e^(−F t/Δ) − q       q = Δ/(τ_m F)
 *
 * so that the upstroke, which no step can resolve, is exact up to the change of F, and the time at which it meets the
 * threshold is a logarithm. Second order in the step.
 */

import {
  ADAPT_A, ADAPT_B, ADAPT_LEAK, ADAPT_RATE, EXP_CEILING, EXP_RATE, EXP_STEEPNESS, EXP_THRESHOLD, EXTRA, HIGH, LIVE, LOW,
  OPEN, RATE_M, RESET, START, START_BEND, START_SLOPE, START_X, THRESHOLD, VECTORS, W, X,
} from "../src/chip/kernel/layout";
import { canSpike, crossing, NEVER } from "./crossing";
import { length } from "./step-window";
import { endSlope } from "./path";
import { enqueue } from "./queue";
import { exp32, log32 } from "./single";

/** Below this many widths under V_T the exponential term is below f32. */
const FAR: f32 = -16;
/** Largest exponent that is taken of it where it only sets a slope. */
const STEEPEST: f32 = 30;
/** Below this change of ln z the closed form is expanded. */
const SMALL: f32 = 1e-3;

/** Exponential drive at potential x. */
function exponentialDrive(l: usize, x: f32): f32 {
  const ceiling = load<f32>(l, EXP_CEILING);
  const capped = x < ceiling ? x : ceiling;
  const exponent = (capped - load<f32>(l, EXP_THRESHOLD)) * load<f32>(l, EXP_STEEPNESS);
  return load<f32>(l, EXP_RATE) * exp32(exponent < STEEPEST ? exponent : STEEPEST);
}

/** z after `span` under the drive, which changes ln z by `change`. */
function flow(z0: f32, rate: f32, span: f32, change: f32): f32 {
  const decay = exp32(-change);
  const small = change < SMALL && change > -SMALL;
  const bent: f32 = small ? <f32>1 - <f32>0.5 * change : (<f32>1 - decay) / change;
  return z0 * decay + rate * span * bent;
}

/** Membrane at the end of the piece without the exponential term → with it; sets X, returns the crossing or NEVER. */
function upstroke(l: usize, first: f32, smooth: f32, span: f32): f32 {
  const steepness = load<f32>(l, EXP_STEEPNESS);
  const away = load<f32>(l, EXP_THRESHOLD);
  const ceiling = load<f32>(l, EXP_CEILING);
  const y0 = (first - away) * steepness;
  const y1 = (smooth - away) * steepness;
  store<f32>(l, smooth, X);
  if ((y0 < FAR && y1 < FAR) || !(span > 0)) return NEVER;
  const rate = load<f32>(l, RATE_M);
  const z0 = exp32(-y0);
  const top = exp32(-((ceiling - away) * steepness));
  let change = y1 - y0;
  let z = flow(z0, rate, span, change);
  if (z > top) {
    // The leak also draws on what the exponential has added, half of it in the mean.
    const added = -log32(z) / steepness - (smooth - away);
    change = change + <f32>0.5 * added * rate * span * steepness;
    z = flow(z0, rate, span, change);
  }
  if (z > top) {
    store<f32>(l, away - log32(z) / steepness, X);
    return NEVER;
  }
  store<f32>(l, ceiling, X);
  if (!canSpike(l)) return NEVER;
  let time: f32 = 0;
  if (change < SMALL && change > -SMALL) {
    time = (top - z0) / rate;
  } else {
    const q = -(rate * span) / change;
    time = span * log32((z0 + q) / (top + q)) / change;
  }
  const late: f32 = time > 0 ? time : 0;
  return load<f32>(l, START) + (late < span ? late : span);
}

/** Adds the terms to the lane's present piece of path, w as it is. Returns its crossing or NEVER. */
export function extend(l: usize): f32 {
  const span = length - load<f32>(l, START);
  const w = load<f32>(l, W);
  const first = load<f32>(l, START_X);
  const rate = load<f32>(l, RATE_M);
  const response = (exp32(rate * span) - <f32>1) / rate;
  const smooth = load<f32>(l, X) - response * w;
  const low = load<f32>(l, LOW);
  const high = load<f32>(l, HIGH);
  store<f32>(l, load<f32>(l, START_SLOPE) - w, START_SLOPE);
  if (!(load<f32>(l, EXP_RATE) > 0)) {
    const raised = smooth < low ? low : smooth;
    store<f32>(l, high < raised ? high : raised, X);
    store<f32>(l, load<f32>(l, START_BEND) - rate * w, START_BEND);
    store<f32>(l, -w, EXTRA);
    return canSpike(l) ? crossing(l) : NEVER;
  }
  let time = upstroke(l, first, smooth, span);
  const end = load<f32>(l, X);
  const lifted = end < low ? low : end;
  const x = high < lifted ? high : lifted;
  store<f32>(l, x, X);
  store<f32>(l, load<f32>(l, START_SLOPE) + exponentialDrive(l, first), START_SLOPE);
  store<f32>(l, exponentialDrive(l, x) - w, EXTRA);
  // A cubic whose end is steeper than three times its mean slope would undershoot before it rises.
  const over: f32 = span > 0 ? endSlope(l) - <f32>3 * (x - first) / span : 0;
  if (x > first && over > 0) store<f32>(l, load<f32>(l, EXTRA) - over, EXTRA);
  if (first >= load<f32>(l, THRESHOLD) && canSpike(l)) time = load<f32>(l, START);
  return time;
}

/** Change of w over d when the membrane is at x in the mean rather than at its leak. */
function adapt(l: usize, d: f32, x: f32): f32 {
  return (<f32>1 - exp32(load<f32>(l, ADAPT_RATE) * d)) * (load<f32>(l, ADAPT_A) * x);
}

/** All lanes: adaptation over the step, terms of the open ones, crossings. */
export function advanceAdex(): void {
  const lanes: usize = load<u32>(VECTORS) << 4;
  for (let l: usize = 0; l < lanes; l += 4) {
    if (load<i32>(l, LIVE) == 0) continue;
    const before = load<f32>(l, W);
    const decayed = before * exp32(load<f32>(l, ADAPT_RATE) * length);
    const away = load<f32>(l, ADAPT_LEAK);
    const open = load<i32>(l, OPEN) != 0;
    const x0 = open ? load<f32>(l, START_X) : load<f32>(l, RESET);
    const after = decayed + adapt(l, length, x0 - away);
    store<f32>(l, after, W);
    if (!open) continue;
    store<f32>(l, <f32>0.5 * (before + after), W);
    const time = extend(l);
    const mean = <f32>0.5 * (x0 + load<f32>(l, X));
    store<f32>(l, decayed + adapt(l, length, mean - away), W);
    if (time != NEVER) enqueue(l, time);
  }
}

/** A spike at `from`: what the membrane, now at reset, no longer does to w in the rest of the step, and the jump b. */
export function adaptToSpike(l: usize, from: f32): void {
  const rest = length - from;
  const missed = <f32>0.5 * (load<f32>(l, THRESHOLD) + load<f32>(l, X));
  const jump = load<f32>(l, ADAPT_B) * exp32(load<f32>(l, ADAPT_RATE) * rest);
  const change = adapt(l, rest, load<f32>(l, RESET) - missed);
  store<f32>(l, load<f32>(l, W) + (change + jump), W);
}
