/**
 * Exponential and adaptation terms, after the linear step: the drive g = (Δ_T/τ_m) e^((V − V_T)/Δ_T) − w acts
 * through the membrane's response to a constant, averaged over both ends. Twin of src/kernels/oracle/adex.ts.
 */

import {
  ADAPT_A, ADAPT_LEAK, ADAPT_RATE, EXP_CEILING, EXP_RATE, EXP_STEEPNESS, EXP_THRESHOLD, EXTRA, HIGH, LIVE, LOW,
  OPEN, RATE_M, RESET, START, START_SLOPE, START_X, VECTORS, W, X,
} from "../src/kernels/layout";
import { length } from "./now";
import { canSpike, crossing, NEVER } from "./crossing";
import { endSlope } from "./path";
import { enqueue } from "./queue";
import { exp32 } from "./single";

/** Largest exponent of the upstroke. */
const STEEPEST: f32 = 30;

function drive(l: usize, x: f32, w: f32): f32 {
  const rate = load<f32>(l, EXP_RATE);
  if (!(rate > 0)) return -w;
  const ceiling = load<f32>(l, EXP_CEILING);
  const capped = x < ceiling ? x : ceiling;
  const exponent = (capped - load<f32>(l, EXP_THRESHOLD)) * load<f32>(l, EXP_STEEPNESS);
  return rate * exp32(exponent < STEEPEST ? exponent : STEEPEST) - w;
}

/** Adds the terms to the lane's present piece of path; w is taken as it is. */
export function extend(l: usize): void {
  const span = length - load<f32>(l, START);
  const w = load<f32>(l, W);
  const first = load<f32>(l, START_X);
  const rate = load<f32>(l, RATE_M);
  const response = (exp32(rate * span) - <f32>1) / rate;
  const early = drive(l, first, w);
  const smooth = load<f32>(l, X);
  const late = drive(l, smooth + response * early, w);
  const low = load<f32>(l, LOW);
  const high = load<f32>(l, HIGH);
  const moved = smooth + response * (<f32>0.5 * (early + late));
  const raised = moved < low ? low : moved;
  const x = high < raised ? high : raised;
  store<f32>(l, x, X);
  store<f32>(l, load<f32>(l, START_SLOPE) + early, START_SLOPE);
  store<f32>(l, drive(l, x, w), EXTRA);
  // A cubic whose end is steeper than three times its mean slope would undershoot before it rises.
  const over = span > 0 ? endSlope(l) - <f32>3 * (x - first) / span : 0;
  if (x > first && over > 0) store<f32>(l, load<f32>(l, EXTRA) - over, EXTRA);
}

/** All lanes: adaptation over the step, terms of the open ones, crossings. */
export function advanceAdex(): void {
  const lanes: usize = load<u32>(VECTORS) << 4;
  for (let l: usize = 0; l < lanes; l += 4) {
    if (load<i32>(l, LIVE) == 0) continue;
    const open = load<i32>(l, OPEN) != 0;
    const decay = exp32(load<f32>(l, ADAPT_RATE) * length);
    const before = load<f32>(l, W);
    const x0 = open ? load<f32>(l, START_X) : load<f32>(l, RESET);
    const a = load<f32>(l, ADAPT_A);
    const away = load<f32>(l, ADAPT_LEAK);
    const start = decay * before + (<f32>1 - decay) * (a * (x0 - away));
    if (!open) {
      store<f32>(l, start, W);
      continue;
    }
    // The membrane feels the mean of w over the step.
    store<f32>(l, <f32>0.5 * (before + start), W);
    extend(l);
    const mean = <f32>0.5 * (x0 + load<f32>(l, X));
    store<f32>(l, decay * before + (<f32>1 - decay) * (a * (mean - away)), W);
    if (!canSpike(l)) continue;
    const time = crossing(l);
    if (time != NEVER) enqueue(l, time);
  }
}
