/**
 * What one event does to its targets: at the start of a step a jump of the currents; within a step, at its exact
 * time, also its effect on the membranes at the end of the step, on samples and on crossings to come. The effect of a
 * jump w after an interval d is w P(d) on the membrane and w e^(−d/τ_s) on the current, exact and additive; only the
 * excess of currents.ts is not additive and is integrated anew.
 */

import {
  COUNT, EVENT_NOISE, EVENT_STREAM, FREE_FROM, HIGH, IE, II, KNEE_E, KNEE_I, LIVE, LOW, OPEN, RAMP, ROW_END, ROW_EXC,
  ROW_FIRST, ROW_INH, ROW_RECURRENT, SAFE_E, SAFE_I, SCRATCH, START, START_BEND, START_SLOPE, START_X, VECTORS_0,
  WORDS, X,
} from "../src/chip/kernel/layout";
import { canSpike, crossing, NEVER } from "./crossing";
import { laneBend, laneExcess, mark } from "./currents";
import { lastReading, length } from "./step-window";
import { pathAt, pathSlopeAt } from "./path";
import { DECAY_E, DECAY_I, propagate, RESPONSE_E, RESPONSE_I } from "./propagators";
import { enqueue, cancelCrossing } from "./queue";
import { bytes, draw, drawMany } from "./random";
import { correctMembranes, correctSamples } from "./event-correction";
import { inRow } from "./rows";
import { traceJump } from "./samples";
import { add, all, div, max, min, mul, put, sub } from "./vector";

// @ts-ignore: decorator
@inline
function amplitude(noise: f32, word: v128): v128 {
  return max(add(all(1), mul(all(noise), bytes(word))), all(0));
}

/** An external event at the start of a step. */
export function deliverAtStart(row: i32): void {
  const noise = load<f32>(EVENT_NOISE);
  const offset = <usize>row * (<usize>load<u32>(COUNT) << 2);
  const rowAddress = <usize>row << 2;
  const first: usize = load<u32>(load<u32>(ROW_FIRST) + rowAddress) << 4;
  const end: usize = load<u32>(load<u32>(ROW_END) + rowAddress) << 4;
  const boundary: usize = load<u32>(VECTORS_0) << 4;
  if (noise > 0) drawMany(EVENT_STREAM, WORDS + first, WORDS + end);
  jump(first, end < boundary ? end : boundary, offset, noise);
  jump(first > boundary ? first : boundary, end, offset + inRow(boundary) - boundary, noise);
}

/** Jumps of the currents of vectors first … end, whose jumps stand at p + offset. */
// @ts-ignore: decorator
@inline
function jump(first: usize, end: usize, offset: usize, noise: f32): void {
  const exc = load<u32>(ROW_EXC) + offset;
  const inh = load<u32>(ROW_INH) + offset;
  for (let p = first; p < end; p += 16) {
    let we = v128.load(exc + p);
    let wi = v128.load(inh + p);
    if (noise > 0) {
      const factor = amplitude(noise, v128.load(p, WORDS));
      we = mul(we, factor);
      wi = mul(wi, factor);
    }
    const ie = add(v128.load(p, IE), we);
    const ii = add(v128.load(p, II), wi);
    v128.store(p, ie, IE);
    v128.store(p, ii, II);
    mark(p, ie, ii);
  }
}

/** Starts a new piece of the path of a lane that can spike, before the jump has moved its end. */
function breakPath(l: usize, from: f32, we: f32, wi: f32, ie: f32, ii: f32): void {
  cancelCrossing(l);
  const x = pathAt(l, from);
  const steepness = pathSlopeAt(l, from);
  const excessExc = laneExcess(l, KNEE_E, ie + we) - laneExcess(l, KNEE_E, ie);
  const excessInh = laneExcess(l, KNEE_I, ii + wi) - laneExcess(l, KNEE_I, ii);
  store<f32>(l, from, START);
  store<f32>(l, x, START_X);
  const broken = steepness + (we - wi - (excessExc - excessInh));
  store<f32>(l, broken, START_SLOPE);
  store<f32>(l, laneBend(l, broken - load<f32>(l, RAMP), ie + we, ii + wi), START_BEND);
}

// @ts-ignore: decorator
@inline
function laneOf(value: v128, l: usize): f32 {
  put(SCRATCH, 0, value);
  return load<f32>(SCRATCH + (l & 15));
}

/** A spike at `from` within the step triggers `row`. */
export function deliverWithin(row: i32, from: f32): void {
  const noise = load<f32>(EVENT_NOISE);
  const offset = <usize>row * (<usize>load<u32>(COUNT) << 2);
  const exc = load<u32>(ROW_EXC) + offset;
  const inh = load<u32>(ROW_INH) + offset;
  const rowAddress = <usize>row << 2;
  const recurrent = load<i32>(load<u32>(ROW_RECURRENT) + rowAddress) != 0;
  const end: usize = load<u32>(load<u32>(ROW_END) + rowAddress) << 4;
  for (let p: usize = load<u32>(load<u32>(ROW_FIRST) + rowAddress) << 4; p < end; p += 16) {
    const q = inRow(p);
    let we = v128.load(exc + q);
    let wi = v128.load(inh + q);
    const hit = v128.any_true(v128.and(v128.or(we, wi), v128.load(p, LIVE)));
    if (noise > 0) {
      const factor = amplitude(noise, draw(EVENT_STREAM));
      we = mul(we, factor);
      wi = mul(wi, factor);
    }
    if (hit) deliverToVector(p, from, we, wi, recurrent);
  }
}

/** Jumps of the currents of vector p at `from`. What most of them are is done here, the rest in deliverCarefully. */
// @ts-ignore: decorator
@inline
function deliverToVector(p: usize, from: f32, we: v128, wi: v128, recurrent: bool): void {
  propagate(p, all(length - from));
  const ie = add(v128.load(p, IE), mul(we, v128.load(DECAY_E)));
  const ii = add(v128.load(p, II), mul(wi, v128.load(DECAY_I)));
  const x = v128.load(p, X);
  const low = v128.load(p, LOW);
  const high = v128.load(p, HIGH);
  const open = v128.load(p, OPEN);
  const saturated = v128.or(f32x4.gt(ie, v128.load(p, SAFE_E)), f32x4.gt(ii, v128.load(p, SAFE_I)));
  const held = v128.and(open, v128.or(f32x4.le(x, low), f32x4.ge(x, high)));
  // Only neurons that spike are ever released, and only recurrent rows jump them.
  if (recurrent || v128.any_true(v128.or(saturated, held))) {
    deliverCarefully(p, from, we, wi, recurrent, v128.any_true(saturated));
    return;
  }
  v128.store(p, ie, IE);
  v128.store(p, ii, II);
  const linear = sub(mul(we, v128.load(RESPONSE_E)), mul(wi, v128.load(RESPONSE_I)));
  v128.store(p, v128.bitselect(min(max(add(x, linear), low), high), x, open), X);
  if (from >= lastReading) return;
  correctSamples(p, open, from, we, wi, false, ie, ii, all(1));
  traceJump(p, from, we, wi);
}

/**
 * Jumps that saturate a current, meet a membrane at a rail, or may make a neuron spike. PROPAGATOR must hold the
 * interval from `from` to the end of the step.
 */
function deliverCarefully(p: usize, from: f32, we: v128, wi: v128, recurrent: bool, saturated: bool): void {
  const decayE = v128.load(DECAY_E);
  const decayI = v128.load(DECAY_I);
  const oldE = v128.load(p, IE);
  const oldI = v128.load(p, II);
  const ie = add(oldE, mul(we, decayE));
  const ii = add(oldI, mul(wi, decayI));
  const open = v128.load(p, OPEN);
  const free = v128.and(open, f32x4.le(v128.load(p, FREE_FROM), all(from)));
  const later = i32x4.bitmask(v128.andnot(open, free));
  const beforeE = div(oldE, decayE);
  const beforeI = div(oldI, decayI);

  if (recurrent) {
    for (let l = p; l < p + 16; l += 4) {
      if (!hits(l, we, wi) || load<f32>(l, FREE_FROM) > from) continue;
      breakPath(l, from, laneOf(we, l), laneOf(wi, l), laneOf(beforeE, l), laneOf(beforeI, l));
    }
  }
  v128.store(p, ie, IE);
  v128.store(p, ii, II);
  if (saturated || recurrent) mark(p, ie, ii);
  correctMembranes(p, free, from, we, wi, saturated, beforeE, beforeI);
  traceJump(p, from, we, wi);
  if (later != 0) deliverBeforeRefractoryEnd(p, from, we, wi, recurrent, saturated, oldE, oldI, later);
  if (recurrent) {
    for (let l = p; l < p + 16; l += 4) {
      if (!hits(l, we, wi)) continue;
      const time = crossing(l);
      if (time != NEVER) enqueue(l, time);
    }
  }
}

// @ts-ignore: decorator
@inline
function hits(l: usize, we: v128, wi: v128): bool {
  return canSpike(l) && (laneOf(we, l) != 0 || laneOf(wi, l) != 0);
}

/** Lanes that are released within the step but after the jump feel it from their release on. */
function deliverBeforeRefractoryEnd(
  p: usize, from: f32, we: v128, wi: v128, recurrent: bool, saturated: bool, oldE: v128, oldI: v128, lanes: i32,
): void {
  for (let k = 0; k < 4; k++) {
    if (!(lanes & (1 << k))) continue;
    const l = p + ((<usize>k) << 2);
    const release = load<f32>(l, FREE_FROM);
    propagate(p, all(release - from));
    const exc = mul(we, v128.load(DECAY_E));
    const inh = mul(wi, v128.load(DECAY_I));
    propagate(p, all(length - release));
    const beforeE = div(oldE, v128.load(DECAY_E));
    const beforeI = div(oldI, v128.load(DECAY_I));
    if (recurrent && hits(l, we, wi)) {
      // The lane already holds the hit currents; its path is read with those it had.
      const nowE = load<f32>(l, IE);
      const nowI = load<f32>(l, II);
      store<f32>(l, laneOf(oldE, l), IE);
      store<f32>(l, laneOf(oldI, l), II);
      breakPath(l, release, laneOf(exc, l), laneOf(inh, l), laneOf(beforeE, l), laneOf(beforeI, l));
      store<f32>(l, nowE, IE);
      store<f32>(l, nowI, II);
    }
    put(SCRATCH, 0, all(0));
    store<i32>(SCRATCH + (l & 15), -1);
    correctMembranes(p, v128.load(SCRATCH), release, exc, inh, saturated, beforeE, beforeI);
  }
}
