/**
 * One step of all membranes: exact propagators plus noise, four lanes at a time. The hot loop of the kernel: it does
 * the linear part, and notes what is rare (a current that may saturate, a membrane at a rail or near its threshold)
 * for attend.ts. Twin of src/kernels/oracle/step.ts.
 */

import {
  AE, AI, AM, IE, II, KICK, KNEE_E, KNEE_I, LOW, MEMBRANE_STREAM, PE, PI, RAMP, RATE_E, RATE_I, RATE_M, RECORD, SIGMA,
  START, START_BEND, START_SLOPE, START_X, WANTING, WATCH, X,
} from "../src/kernels/layout";
import { driveChange, slope } from "./currents";
import { length } from "./now";
import { DECAY_E, DECAY_I, DECAY_M, propagate, RESPONSE_E, RESPONSE_I } from "./propagators";
import { bytes } from "./random";
import { add, all, max, min, mul, root, sub } from "./vector";

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
export function keepPath(p: usize, x0: v128, e0: v128, i0: v128, noise: v128, perTime: v128): void {
  const smooth = keepEnds(p, x0, e0, i0, noise, perTime);
  v128.store(p, all(0), START);
  const exc = driveChange(p, KNEE_E, v128.load(p, RATE_E), e0, true);
  const inh = driveChange(p, KNEE_I, v128.load(p, RATE_I), i0, true);
  v128.store(p, sub(add(mul(v128.load(p, RATE_M), smooth), exc), inh), START_BEND);
}

/** Behind the last record of WANTING. */
export let wanting: usize = WANTING;

/** What is kept of all paths, beyond those that come near threshold. */
export const NOTHING: i32 = 0;
export const ENDS: i32 = 1;
export const PATHS: i32 = 2;

/**
 * Linear part of the step of vectors first … end. `cut`: the step is shorter than the full one; `keep`: see above. The
 * loop calls nothing and does not branch, so that all stays in registers; what wants more is noted in WANTING.
 */
// @ts-ignore: decorator
@inline
function advance(first: usize, end: usize, cut: bool, keep: i32): void {
  const d = length;
  const perTime = all(<f32>1 / d);
  let record = wanting;
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
    const wants = v128.any_true(v128.or(above, f32x4.le(min(x0, x1), v128.load(p, LOW))));
    v128.store(record, x0);
    v128.store(record, e0, 16);
    v128.store(record, i0, 32);
    v128.store(record, noise, 48);
    store<u32>(record, <u32>p, 64);
    record += RECORD * <usize>wants;
  }
  v128.store(MEMBRANE_STREAM, s0);
  v128.store(MEMBRANE_STREAM + 16, s1);
  v128.store(MEMBRANE_STREAM + 32, s2);
  v128.store(MEMBRANE_STREAM + 48, s3);
  wanting = record;
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

/** Begins a step: no vector wants more yet. */
export function beginVectors(): void {
  wanting = WANTING;
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
