/**
 * What the loop over vectors has flagged: saturated currents, membranes at rails and near threshold. Saturation is worked
 * out for all of them, and lists are made without branches: branches here cannot be predicted and cost more than what
 * they spare.
 */

import {
  ADEX, AE, AI, AM, BULGE_E, NEAR_LIST, DIFFUSION, MAY_SATURATE, IE, II, KNEE_E, KNEE_I, NEAR_THRESHOLD, NODE_1_E, NODE_1_I, NODE_2_E, NODE_2_I,
  NOISE, OLD_E, OLD_I, OLD_X, PATHS, PATH_BEND, PATH_BYTES, PATH_FIRST, PATH_HEIGHT, PATH_LAST, PATH_RISE,
  PATH_VARIANCE, RAMP, START_BEND, START_SLOPE, STRONG_E, THRESHOLD, UP_LANE, UP_PATH, FLAGGED, X,
} from "../src/chip/kernel/layout";
import { crossing, IMPROBABLE, NEVER } from "./crossing";
import { excessIntegral, excessOfStep, inhibitionMaySaturate, mark, slope } from "./currents";
import { coefficients } from "./partial-steps";
import { length } from "./step-window";
import { enqueue } from "./queue";
import { clampToRails } from "./rails";
import { searchUp } from "./crossing-search";
import { keepPath, flaggedEnd } from "./step";
import { add, all, max, mul, sub } from "./vector";

/** What saturated currents take from the membranes, `x1` without it. */
// @ts-ignore: decorator
@inline
function saturate(p: usize, x1: v128, e0: v128, i0: v128, hot: i32, cut: bool): v128 {
  const q = p + coefficients;
  let x = x1;
  if (cut) x = sub(x, excessIntegral(p, KNEE_E, all(length), v128.load(q, AM), v128.load(q, AE), e0));
  else x = sub(x, excessOfStep(p, KNEE_E, v128.load(p, NODE_1_E), v128.load(p, NODE_2_E), e0));
  if (!inhibitionMaySaturate(hot)) return x;
  if (cut) return add(x, excessIntegral(p, KNEE_I, all(length), v128.load(q, AM), v128.load(q, AI), i0));
  return add(x, excessOfStep(p, KNEE_I, v128.load(p, NODE_1_I), v128.load(p, NODE_2_I), i0));
}

/**
 * Lanes that may have met their threshold within the step: an end is near, or below it by less than a peak between both
 * ends can stand above them. Where V' = 0 turns from up to down, −V'' ≤ I_e (1/τ_e + 1/τ_m): h²/8 times that.
 */
// @ts-ignore: decorator
@inline
function isNear(p: usize, x0: v128, x1: v128, e0: v128): v128 {
  const bulge = mul(v128.load(p, BULGE_E), max(sub(e0, v128.load(p, STRONG_E)), all(0)));
  return f32x4.ge(add(max(x0, x1), bulge), v128.load(p, NEAR_THRESHOLD));
}

/** Ends of the step of all flagged vectors; those near threshold are listed in NEAR_LIST. Returns the end of the list. */
// @ts-ignore: decorator
@inline
function finish(cut: bool): usize {
  let close: usize = 0;
  const end = flaggedEnd;
  for (let item: usize = 0; item < end; item += 4) {
    const p: usize = load<u32>(item, FLAGGED);
    const x0 = v128.load(p, OLD_X);
    const e0 = v128.load(p, OLD_E);
    const i0 = v128.load(p, OLD_I);
    const e1 = v128.load(p, IE);
    const i1 = v128.load(p, II);
    let x1 = saturate(p, v128.load(p, X), e0, i0, load<i32>(p, MAY_SATURATE), cut);
    mark(p, e1, i1);
    x1 = clampToRails(p, x0, x1, e0, i0, e1, i1, v128.load(p, NOISE), length, true);
    v128.store(p, x1, X);
    const near = i32x4.bitmask(isNear(p, x0, x1, e0));
    store<u32>(close, <u32>p, NEAR_LIST);
    close += ((near + 15) & 16) >>> 2;
  }
  return close;
}

function finishFull(): usize {
  return finish(false);
}
function finishCut(): usize {
  return finish(true);
}

/** Crossings of the lanes near threshold of the vectors listed up to `end`. */
function examine(end: usize): void {
  const d = length;
  const span = all(d);
  const perTime = all(<f32>1 / d);
  const half = all(<f32>0.5 * d * d);
  let found: usize = 0;
  let path: usize = PATHS;
  for (let close: usize = 0; close < end; close += 4) {
    const p: usize = load<u32>(close, NEAR_LIST);
    const x0 = v128.load(p, OLD_X);
    const x1 = v128.load(p, X);
    const e0 = v128.load(p, OLD_E);
    keepPath(p, x0, e0, v128.load(p, OLD_I), v128.load(p, NOISE), span, perTime);
    const threshold = v128.load(p, THRESHOLD);
    const height = sub(threshold, x0);
    const rise = sub(x1, x0);
    const first = mul(span, v128.load(p, START_SLOPE));
    const last = mul(span, add(slope(p, x1, v128.load(p, IE), v128.load(p, II), true), v128.load(p, RAMP)));
    const variance = mul(v128.load(p, DIFFUSION), span);
    v128.store(path, height, PATH_HEIGHT);
    v128.store(path, rise, PATH_RISE);
    v128.store(path, first, PATH_FIRST);
    v128.store(path, last, PATH_LAST);
    v128.store(path, mul(half, v128.load(p, START_BEND)), PATH_BEND);
    v128.store(path, variance, PATH_VARIANCE);
    const able = v128.and(isNear(p, x0, x1, e0), f32x4.lt(threshold, all(Infinity)));
    const up = v128.and(able, v128.or(f32x4.ge(rise, height), f32x4.le(height, all(0))));
    const turns = v128.and(f32x4.gt(first, all(0)), f32x4.lt(last, all(0)));
    const product = mul(mul(all(2), height), sub(height, rise));
    const probable = f32x4.lt(product, mul(all(IMPROBABLE), variance));
    const doubtful = v128.and(v128.andnot(able, up), v128.or(turns, probable));
    for (let lanes = i32x4.bitmask(up); lanes != 0; lanes &= lanes - 1) {
      const lane = <usize>ctz(lanes) << 2;
      store<u32>(found, <u32>(p + lane), UP_LANE);
      store<u32>(found, <u32>(path + lane), UP_PATH);
      found += 4;
    }
    for (let lanes = i32x4.bitmask(doubtful); lanes != 0; lanes &= lanes - 1) {
      const l = p + (<usize>ctz(lanes) << 2);
      const time = crossing(l);
      if (time != NEVER) enqueue(l, time);
    }
    path += PATH_BYTES;
  }
  searchUp(found);
}

/** Ends a step: saturation, rails and crossings of the vectors that want them. */
export function finishFlagged(cut: bool): void {
  const end = cut ? finishCut() : finishFull();
  if (end != 0 && load<i32>(ADEX) == 0) examine(end);
}
