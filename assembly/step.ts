/**
 * One step of all membranes: exact propagators plus noise, four lanes at a time. The hot loop of the kernel: it does
 * the linear part, and leaves for what is rare (a current that may saturate, a membrane at a rail or near its
 * threshold). Twin of src/kernels/oracle/step.ts.
 */

import {
  ADEX, AE, AI, AM, HOT, IE, II, KICK, KNEE_E, KNEE_I, LOW, MEMBRANE_STREAM, NEAR, NODE_1_E, NODE_1_I, NODE_2_E, NODE_2_I, PE, PI, RAMP, RATE_E, RATE_I, RATE_M, SCRATCH, SIGMA, START, START_BEND,
  START_SLOPE, START_X, THRESHOLD, WATCH, X,
} from "../src/kernels/layout";
import { cool, driveChange, excessIntegral, excessOfStep, HOT_E, HOT_I, slope } from "./currents";
import { length } from "./now";
import { crossing, NEVER } from "./crossing";
import { DECAY_E, DECAY_I, DECAY_M, propagate, RESPONSE_E, RESPONSE_I } from "./propagators";
import { enqueue } from "./queue";
import { railed } from "./rails";
import { bytes } from "./random";
import { add, all, max, min, mul, root, sub } from "./vector";

/** Crossings of the lanes of a vector that are near their thresholds. */
function examine(p: usize): void {
  const near = f32x4.ge(max(v128.load(p, START_X), v128.load(p, X)), v128.load(p, NEAR));
  const able = f32x4.lt(v128.load(p, THRESHOLD), all(Infinity));
  let lanes = i32x4.bitmask(v128.and(near, able));
  while (lanes != 0) {
    const l = p + (<usize>ctz(lanes) << 2);
    const time = crossing(l);
    if (time != NEVER) enqueue(l, time);
    lanes &= lanes - 1;
  }
}

/** Of the vector that the loop left for: membranes and currents at the start of the step, noise of the step. */
const EARLIER_X: usize = SCRATCH;
const EARLIER_E: usize = SCRATCH + 16;
const EARLIER_I: usize = SCRATCH + 32;
const EARLIER_NOISE: usize = SCRATCH + 48;

/** Start and slopes of one vector's path over the step, for samples. Returns the slope without noise. */
// @ts-ignore: decorator
@inline
function keepEnds(p: usize, x0: v128, e0: v128, i0: v128, noise: v128, perTime: v128): v128 {
  const ramp = mul(noise, perTime);
  const smooth = slope(p, x0, e0, i0, true);
  v128.store(p, x0, START_X);
  v128.store(p, add(smooth, ramp), START_SLOPE);
  v128.store(p, ramp, RAMP);
  return smooth;
}

/** All of the path. */
// @ts-ignore: decorator
@inline
function keepPath(p: usize, x0: v128, e0: v128, i0: v128, noise: v128, perTime: v128): void {
  const smooth = keepEnds(p, x0, e0, i0, noise, perTime);
  v128.store(p, all(0), START);
  const exc = driveChange(p, KNEE_E, v128.load(p, RATE_E), e0, true);
  const inh = driveChange(p, KNEE_I, v128.load(p, RATE_I), i0, true);
  v128.store(p, sub(add(mul(v128.load(p, RATE_M), smooth), exc), inh), START_BEND);
}

/** What saturated currents take from the membranes, `x1` without it. PROPAGATOR holds a cut step's. */
function saturate(p: usize, x1: v128, cut: bool): v128 {
  const marks = load<i32>(p, HOT);
  const d = length;
  const am = v128.load(DECAY_M);
  let x = x1;
  let still = 0;
  if (marks & HOT_E) {
    const e0 = v128.load(EARLIER_E);
    x = sub(x, cut ? excessIntegral(p, KNEE_E, d, am, v128.load(DECAY_E), e0)
      : excessOfStep(p, KNEE_E, v128.load(p, NODE_1_E), v128.load(p, NODE_2_E), e0));
    if (i32x4.bitmask(f32x4.gt(v128.load(p, IE), v128.load(p, KNEE_E))) != 0) still = HOT_E;
  }
  if (marks & HOT_I) {
    const i0 = v128.load(EARLIER_I);
    x = add(x, cut ? excessIntegral(p, KNEE_I, d, am, v128.load(DECAY_I), i0)
      : excessOfStep(p, KNEE_I, v128.load(p, NODE_1_I), v128.load(p, NODE_2_I), i0));
    if (i32x4.bitmask(f32x4.gt(v128.load(p, II), v128.load(p, KNEE_I))) != 0) still |= HOT_I;
  }
  cool(p, marks, still);
  return x;
}

/** The rare rest of a vector's step, after the linear part. `kept`: its path is already recorded. */
function attend(p: usize, cut: bool, kept: bool): void {
  const x0 = v128.load(EARLIER_X);
  const e0 = v128.load(EARLIER_E);
  const i0 = v128.load(EARLIER_I);
  const noise = v128.load(EARLIER_NOISE);
  let x1 = v128.load(p, X);
  const hot = load<i32>(p, HOT) != 0;
  if (hot) x1 = saturate(p, x1, cut);
  x1 = railed(p, x0, x1, e0, i0, v128.load(p, IE), v128.load(p, II), noise, length, hot);
  v128.store(p, x1, X);
  if (i32x4.bitmask(f32x4.ge(max(x0, x1), v128.load(p, NEAR))) == 0) return;
  if (!kept) keepPath(p, x0, e0, i0, noise, all(<f32>1 / length));
  if (load<i32>(ADEX) == 0) examine(p);
}

/** What is kept of all paths, beyond those that come near threshold. */
export const NOTHING: i32 = 0;
export const ENDS: i32 = 1;
export const PATHS: i32 = 2;

/**
 * Steps the vectors first … end. `cut`: the step is shorter than the full one; `keep`: see above. The inner loop
 * calls nothing and leaves when a vector wants more than the linear part, so that all stays in registers.
 */
// @ts-ignore: decorator
@inline
function advance(first: usize, end: usize, cut: bool, keep: i32): void {
  const d = length;
  const perTime = all(<f32>1 / d);
  let p = first;
  while (p < end) {
    let s0 = v128.load(MEMBRANE_STREAM);
    let s1 = v128.load(MEMBRANE_STREAM + 16);
    let s2 = v128.load(MEMBRANE_STREAM + 32);
    let s3 = v128.load(MEMBRANE_STREAM + 48);
    let wants = 0;
    while (true) {
      // xoshiro128+, as in random.ts.
      const word = i32x4.add(s0, s3);
      const shifted = i32x4.shl(s1, 9);
      s2 = v128.xor(s2, s0);
      s3 = v128.xor(s3, s1);
      s1 = v128.xor(s1, s2);
      s0 = v128.xor(s0, s3);
      s2 = v128.xor(s2, shifted);
      s3 = v128.or(i32x4.shl(s3, 11), i32x4.shr_u(s3, 21));

      const x0 = v128.load(p, X);
      const e0 = v128.load(p, IE);
      const i0 = v128.load(p, II);
      let am: v128, ae: v128, ai: v128, pe: v128, pi: v128, kick: v128;
      if (cut) {
        propagate(p, d);
        am = v128.load(DECAY_M);
        ae = v128.load(DECAY_E);
        ai = v128.load(DECAY_I);
        pe = v128.load(RESPONSE_E);
        pi = v128.load(RESPONSE_I);
        kick = mul(v128.load(p, SIGMA), root(sub(all(1), mul(am, am))));
      } else {
        am = v128.load(p, AM);
        ae = v128.load(p, AE);
        ai = v128.load(p, AI);
        pe = v128.load(p, PE);
        pi = v128.load(p, PI);
        kick = v128.load(p, KICK);
      }
      const noise = mul(kick, bytes(word));
      v128.store(p, mul(ae, e0), IE);
      v128.store(p, mul(ai, i0), II);
      const x1 = add(add(mul(am, x0), sub(mul(pe, e0), mul(pi, i0))), noise);
      v128.store(p, x1, X);
      if (keep == PATHS) keepPath(p, x0, e0, i0, noise, perTime);
      else if (keep == ENDS) keepEnds(p, x0, e0, i0, noise, perTime);
      const above = f32x4.ge(max(x0, x1), v128.load(p, WATCH));
      wants = i32x4.bitmask(v128.or(above, f32x4.le(min(x0, x1), v128.load(p, LOW))));
      if (wants != 0) {
        v128.store(EARLIER_X, x0);
        v128.store(EARLIER_E, e0);
        v128.store(EARLIER_I, i0);
        v128.store(EARLIER_NOISE, noise);
        break;
      }
      p += 16;
      if (p >= end) break;
    }
    v128.store(MEMBRANE_STREAM, s0);
    v128.store(MEMBRANE_STREAM + 16, s1);
    v128.store(MEMBRANE_STREAM + 32, s2);
    v128.store(MEMBRANE_STREAM + 48, s3);
    if (wants == 0) return;
    attend(p, cut, keep == PATHS);
    p += 16;
  }
}

// One function for each combination, so that the choices are made once per step.
function advanceFull(first: usize, end: usize): void {
  advance(first, end, false, NOTHING);
}
function advanceCut(first: usize, end: usize): void {
  advance(first, end, true, NOTHING);
}
function endsFull(first: usize, end: usize): void {
  advance(first, end, false, ENDS);
}
function endsCut(first: usize, end: usize): void {
  advance(first, end, true, ENDS);
}
function pathsFull(first: usize, end: usize): void {
  advance(first, end, false, PATHS);
}
function pathsCut(first: usize, end: usize): void {
  advance(first, end, true, PATHS);
}

export function advanceVectors(first: usize, end: usize, cut: bool, keep: i32): void {
  if (first >= end) return;
  if (keep == PATHS) {
    if (cut) pathsCut(first, end);
    else pathsFull(first, end);
  } else if (keep == ENDS) {
    if (cut) endsCut(first, end);
    else endsFull(first, end);
  } else if (cut) advanceCut(first, end);
  else advanceFull(first, end);
}
