/**
 * What one event does to its targets: at the start of a step a jump of the currents; within a step, at its
 * exact time, also its effect on the membranes at the end of the step, on samples and on crossings to come.
 * Twin of src/kernels/oracle/kick.ts.
 */

import {
  COUNT, COUNT_0, EVENT_NOISE, EVENT_STREAM, FREE_FROM, HIGH, IE, II, KNEE_E, KNEE_I, LEAK, LOW, OPEN, RAMP, WORDS,
  ROW_END, ROW_EXC, ROW_FIRST, ROW_INH, ROW_RECURRENT, SAFE_E, SAFE_I, SCRATCH, START, START_BEND, START_SLOPE,
  START_X, STRIDE, TRACE_LANE, TRACE_SOURCE, TRACE_TIME, TRACE_VALUE, VECTORS_0, X,
} from "../src/kernels/layout";
import { excess, excessIntegral, heat, laneBend, laneExcess } from "./currents";
import {
  lastReading, length, sampleFrom0, sampleFrom1, sampleTo0, sampleTo1, traceFrom, traceTo,
} from "./now";
import { canSpike, crossing, NEVER } from "./crossing";
import { pathAt, pathSlopeAt } from "./path";
import { DECAY_E, DECAY_I, DECAY_M, propagate, RESPONSE_E, RESPONSE_I } from "./propagators";
import { enqueue, withdraw } from "./queue";
import { railed } from "./rails";
import { bytes, draw, drawMany } from "./random";
import { groupOf, sampleAddress, sampleTimes, timeInStep, traceKick, wantedEnd, wantedFirst } from "./samples";
import { add, all, at, div, max, min, mul, put, root, sub } from "./vector";

const SIXTH: f32 = 0.16666666666666666;

/** Byte offset of vector p in a row of kicks; rows are not padded. */
// @ts-ignore: decorator
@inline
function inRow(p: usize): usize {
  const boundary: usize = load<u32>(VECTORS_0) << 4;
  return p < boundary ? p : p - boundary + (<usize>load<u32>(COUNT_0) << 2);
}

// @ts-ignore: decorator
@inline
function amplitude(noise: f32, word: v128): v128 {
  return max(add(all(1), mul(all(noise), bytes(word))), all(0));
}

/** An external event at the start of a step. */
export function kickAtStart(row: i32): void {
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

/** Jumps of the currents of vectors first … end, whose kicks stand at p + offset. */
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
    heat(p, ie, ii);
  }
}

/** Change of ∫ r dt when the current jumps by `jump` at the start of an interval d, `before` just before. */
function excessChange(p: usize, knee: usize, d: f32, as: v128, before: v128, jump: v128): v128 {
  const am = v128.load(DECAY_M);
  const after = add(before, jump);
  const half = root(as);
  const first = sub(excess(p, knee, after), excess(p, knee, before));
  const middle = sub(excess(p, knee, mul(after, half)), excess(p, knee, mul(before, half)));
  const last = sub(excess(p, knee, mul(after, as)), excess(p, knee, mul(before, as)));
  return mul(all(d * SIXTH), add(add(mul(am, first), mul(mul(all(4), root(am)), middle)), last));
}

/** What saturation takes from the shift of the membranes an interval d after jumps; PROPAGATOR must hold d. */
function lostShift(p: usize, d: f32, we: v128, wi: v128, ie: v128, ii: v128): v128 {
  const exc = excessChange(p, KNEE_E, d, v128.load(DECAY_E), ie, we);
  return sub(exc, excessChange(p, KNEE_I, d, v128.load(DECAY_I), ii, wi));
}

/** Shift of the membranes an interval d after jumps of the currents; PROPAGATOR must hold d. */
// @ts-ignore: decorator
@inline
function shift(p: usize, d: f32, we: v128, wi: v128, saturated: bool, ie: v128, ii: v128): v128 {
  const linear = sub(mul(we, v128.load(RESPONSE_E)), mul(wi, v128.load(RESPONSE_I)));
  return saturated ? sub(linear, lostShift(p, d, we, wi, ie, ii)) : linear;
}

/** Membranes at the end of an interval d that they began at a rail, with currents ie, ii at its start. */
function fromRail(p: usize, rail: v128, d: f32, ie: v128, ii: v128, saturated: bool): v128 {
  const am = v128.load(DECAY_M);
  const driven = sub(mul(ie, v128.load(RESPONSE_E)), mul(ii, v128.load(RESPONSE_I)));
  let free = add(mul(am, rail), driven);
  if (saturated) {
    const exc = excessIntegral(p, KNEE_E, all(d), am, v128.load(DECAY_E), ie);
    free = sub(free, sub(exc, excessIntegral(p, KNEE_I, all(d), am, v128.load(DECAY_I), ii)));
  }
  return railed(p, rail, free, ie, ii, v128.load(p, IE), v128.load(p, II), all(0), d, saturated);
}

/**
 * Jumps we, wi at `from` act on the lanes of `mask`: on the end of the step and on samples after `from`.
 * `ie`, `ii` are the currents just before. PROPAGATOR must hold the interval from `from` to the end of the step.
 */
// @ts-ignore: decorator
@inline
function respond(
  p: usize, mask: v128, from: f32, we: v128, wi: v128, saturated: bool, ie: v128, ii: v128,
): void {
  const low = v128.load(p, LOW);
  const high = v128.load(p, HIGH);
  const x = v128.load(p, X);
  const linear = shift(p, length - from, we, wi, saturated, ie, ii);
  let moved = min(max(add(x, linear), low), high);
  const held = v128.or(f32x4.le(x, low), f32x4.ge(x, high));
  const lifts = i32x4.bitmask(v128.and(held, mask)) != 0;
  if (lifts) {
    const lifted = fromRail(p, x, length - from, add(ie, we), add(ii, wi), saturated);
    moved = v128.bitselect(lifted, moved, held);
  }
  v128.store(p, v128.bitselect(moved, x, mask), X);
  const samples = p < load<u32>(VECTORS_0) << 4 ? sampleTo0 > sampleFrom0 : sampleTo1 > sampleFrom1;
  if (!samples && traceTo == traceFrom) return;
  let part = all(1);
  if (lifts) part = v128.bitselect(v128.and(div(sub(moved, x), linear), f32x4.ne(linear, all(0))), part, held);
  respondSamples(p, mask, from, we, wi, saturated, ie, ii, part);
}

/** The same on samples and the trace; `part` of the shift is seen. */
function respondSamples(
  p: usize, mask: v128, from: f32, we: v128, wi: v128, saturated: bool, ie: v128, ii: v128, part: v128,
): void {
  const low = v128.load(p, LOW);
  const high = v128.load(p, HIGH);
  const group = groupOf(p);
  const first = group == 0 ? sampleFrom0 : sampleFrom1;
  const to = group == 0 ? sampleTo0 : sampleTo1;
  const leak = v128.load(p, LEAK);
  if (to > first && p >= wantedFirst(group) && p < wantedEnd(group)) {
    const times = sampleTimes(group);
    for (let k = first; k < to; k++) {
      const t = timeInStep(times, k);
      if (!(t > from)) continue;
      propagate(p, all(t - from));
      const address = sampleAddress(p, group, k);
      const value = v128.load(address);
      const changed = add(value, mul(part, shift(p, t - from, we, wi, saturated, ie, ii)));
      const limited = min(max(changed, add(low, leak)), add(high, leak));
      v128.store(address, v128.bitselect(limited, value, mask));
    }
  }
  if (traceTo == traceFrom || load<i32>(TRACE_SOURCE) != 0) return;
  const l: usize = load<u32>(TRACE_LANE) << 2;
  if ((l & ~15) != p) return;
  put(SCRATCH, 0, mask);
  if (load<i32>(SCRATCH + (l & 15)) == 0) return;
  const traceTimes: usize = load<u32>(TRACE_TIME);
  for (let k = traceFrom; k < traceTo; k++) {
    const t = timeInStep(traceTimes, k);
    if (!(t > from)) continue;
    propagate(p, all(t - from));
    const address: usize = load<u32>(TRACE_VALUE) + ((<usize>k) << 2);
    const changed = add(all(load<f32>(address)), mul(part, shift(p, t - from, we, wi, saturated, ie, ii)));
    put(SCRATCH, 0, min(max(changed, add(low, leak)), add(high, leak)));
    store<f32>(address, load<f32>(SCRATCH + (l & 15)));
  }
}

/** Starts a new piece of the path of a lane that can spike, before the kick has moved its end. */
function breakPath(l: usize, from: f32, we: f32, wi: f32, ie: f32, ii: f32): void {
  withdraw(l);
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
export function kickWithin(row: i32, from: f32): void {
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
    if (noise > 0) {
      const factor = amplitude(noise, draw(EVENT_STREAM));
      we = mul(we, factor);
      wi = mul(wi, factor);
    }
    kickVector(p, from, we, wi, recurrent);
  }
}

/** Jumps of the currents of vector p at `from`. What most of them are is done here, the rest in kickRare. */
// @ts-ignore: decorator
@inline
function kickVector(p: usize, from: f32, we: v128, wi: v128, recurrent: bool): void {
  propagate(p, all(length - from));
  const ie = add(v128.load(p, IE), mul(we, v128.load(DECAY_E)));
  const ii = add(v128.load(p, II), mul(wi, v128.load(DECAY_I)));
  const x = v128.load(p, X);
  const low = v128.load(p, LOW);
  const high = v128.load(p, HIGH);
  const open = v128.load(p, OPEN);
  const saturated = v128.or(f32x4.gt(ie, v128.load(p, SAFE_E)), f32x4.gt(ii, v128.load(p, SAFE_I)));
  const later = f32x4.gt(v128.load(p, FREE_FROM), all(from));
  const held = v128.or(f32x4.le(x, low), f32x4.ge(x, high));
  if (recurrent || v128.any_true(v128.or(saturated, v128.and(open, v128.or(later, held))))) {
    kickRare(p, from, we, wi, recurrent, v128.any_true(saturated));
    return;
  }
  v128.store(p, ie, IE);
  v128.store(p, ii, II);
  const linear = sub(mul(we, v128.load(RESPONSE_E)), mul(wi, v128.load(RESPONSE_I)));
  v128.store(p, v128.bitselect(min(max(add(x, linear), low), high), x, open), X);
  if (from >= lastReading) return;
  respondSamples(p, open, from, we, wi, false, ie, ii, all(1));
  traceKick(p, from, we, wi);
}

/**
 * Jumps that saturate a current, meet a membrane at a rail or before its release, or may make a neuron spike. PROPAGATOR
 * must hold the interval from `from` to the end of the step.
 */
function kickRare(p: usize, from: f32, we: v128, wi: v128, recurrent: bool, saturated: bool): void {
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
  if (saturated) heat(p, ie, ii);
  respond(p, free, from, we, wi, saturated, beforeE, beforeI);
  traceKick(p, from, we, wi);
  if (later != 0) kickBeforeRelease(p, from, we, wi, recurrent, saturated, oldE, oldI, later);
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

/** Lanes that are released within the step but after the kick feel it from their release on. */
function kickBeforeRelease(
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
      // The lane already holds the kicked currents; its path is read with those it had.
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
    respond(p, v128.load(SCRATCH), release, exc, inh, saturated, beforeE, beforeI);
  }
}
