/**
 * One step of all membranes: exact propagators plus noise, four lanes at a time. The hot loop of the kernel: it does
 * the linear part, and notes what is rare (a current that may saturate, a membrane at a rail or near its threshold)
 * for flagged.ts.
 */

import {
  AE, AI, AM, IE, II, STEP_NOISE, KNEE_E, KNEE_I, LOW, MEMBRANE_STREAM, NOISE, OLD_E, OLD_I, OLD_X, PE, PI, RAMP, RATE_E,
  RATE_I, RATE_M, START, START_BEND, START_SLOPE, START_X, FLAGGED, FLAG_FROM, X,
} from "../src/chip/kernel/layout";
import { driveChange, slope } from "./currents";
import { coefficients, useCutStep, useFullStep } from "./partial-steps";
import { length } from "./step-window";
import { noiseSlopeAtEnd, noiseSlopeAtStart } from "./path";
import { bytesOf, MEANS, ONES } from "./random";
import { add, all, max, min, mul, sub } from "./vector";

/** Start and slopes of one vector's path over the step, for samples. Returns the slope without noise. */
// @ts-ignore: decorator
@inline
function keepEnds(p: usize, x0: v128, e0: v128, i0: v128, noise: v128, d: v128, perTime: v128): v128 {
  const mean = mul(noise, perTime);
  const y = mul(v128.load(p, RATE_M), d);
  const smooth = slope(p, x0, e0, i0, true);
  v128.store(p, x0, START_X);
  v128.store(p, add(smooth, noiseSlopeAtStart(mean, y)), START_SLOPE);
  v128.store(p, noiseSlopeAtEnd(mean, y), RAMP);
  return smooth;
}

/** All of the path. */
// @ts-ignore: decorator
@inline
export function keepPath(p: usize, x0: v128, e0: v128, i0: v128, noise: v128, d: v128, perTime: v128): void {
  const smooth = keepEnds(p, x0, e0, i0, noise, d, perTime);
  v128.store(p, all(0), START);
  const exc = driveChange(p, KNEE_E, v128.load(p, RATE_E), e0, true);
  const inh = driveChange(p, KNEE_I, v128.load(p, RATE_I), i0, true);
  v128.store(p, sub(add(mul(v128.load(p, RATE_M), smooth), exc), inh), START_BEND);
}

/** End of the list of vectors that want more, 4 bytes each. */
export let flaggedEnd: usize = 0;

/** What is kept of all paths, beyond those that come near threshold. */
export const NOTHING: i32 = 0;
export const ENDS: i32 = 1;
export const WHOLE: i32 = 2;

/**
 * Linear part of the step of vectors first … end; `keep`: see above. The loop calls nothing and does not branch, so that
 * all stays in registers; what wants more is flagged in FLAGGED.
 */
// @ts-ignore: decorator
@inline
function advance(first: usize, end: usize, keep: i32): void {
  const further = coefficients;
  const d = all(length);
  const perTime = all(<f32>1 / length);
  const means = v128.load(MEANS);
  const ones = v128.load(ONES);
  let flagged = flaggedEnd;
  let s0 = v128.load(MEMBRANE_STREAM);
  let s1 = v128.load(MEMBRANE_STREAM + 16);
  let s2 = v128.load(MEMBRANE_STREAM + 32);
  let s3 = v128.load(MEMBRANE_STREAM + 48);
  for (let p = first; p < end; p += 16) {
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
    const q = p + further;
    const am = v128.load(q, AM);
    const noise = mul(v128.load(q, STEP_NOISE), bytesOf(word, means, ones));
    v128.store(p, mul(v128.load(q, AE), e0), IE);
    v128.store(p, mul(v128.load(q, AI), i0), II);
    const driven = sub(mul(v128.load(q, PE), e0), mul(v128.load(q, PI), i0));
    const x1 = add(add(mul(am, x0), driven), noise);
    v128.store(p, x1, X);
    if (keep == WHOLE) keepPath(p, x0, e0, i0, noise, d, perTime);
    else if (keep == ENDS) keepEnds(p, x0, e0, i0, noise, d, perTime);
    const above = f32x4.ge(max(x0, x1), v128.load(p, FLAG_FROM));
    const wants = i32x4.bitmask(v128.or(above, f32x4.le(min(x0, x1), v128.load(p, LOW))));
    v128.store(p, x0, OLD_X);
    v128.store(p, e0, OLD_E);
    v128.store(p, i0, OLD_I);
    v128.store(p, noise, NOISE);
    store<u32>(flagged, <u32>p, FLAGGED);
    // 4 bytes further unless no lane wants more.
    flagged += ((wants + 15) & 16) >>> 2;
  }
  v128.store(MEMBRANE_STREAM, s0);
  v128.store(MEMBRANE_STREAM + 16, s1);
  v128.store(MEMBRANE_STREAM + 32, s2);
  v128.store(MEMBRANE_STREAM + 48, s3);
  flaggedEnd = flagged;
}

// One function for each `keep`, so that the choice is made once per step.
function advanceOnly(first: usize, end: usize): void {
  advance(first, end, NOTHING);
}
function advanceEnds(first: usize, end: usize): void {
  advance(first, end, ENDS);
}
function advancePaths(first: usize, end: usize): void {
  advance(first, end, WHOLE);
}

/** Begins a step: no vector wants more yet. `cut`: it is shorter than the full one. */
export function beginVectors(cut: bool): void {
  flaggedEnd = 0;
  if (cut) useCutStep();
  else useFullStep();
}

export function advanceVectors(first: usize, end: usize, keep: i32): void {
  if (first >= end) return;
  if (keep == WHOLE) advancePaths(first, end);
  else if (keep == ENDS) advanceEnds(first, end);
  else advanceOnly(first, end);
}
