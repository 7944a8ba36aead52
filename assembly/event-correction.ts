/**
 * What jumps of the currents within a step do to the membranes at its end and to what is read after them.
 */

import {
  HIGH, IE, II, KNEE_E, KNEE_I, LEAK, LOW, RAIL_HIGH, SCRATCH, TRACE_LANE, TRACE_SOURCE, TRACE_TIME, TRACE_VALUE, VECTORS_0, X,
} from "../src/chip/kernel/layout";
import { excess, excessIntegral } from "./currents";
import { length, sampleFrom0, sampleFrom1, sampleTo0, sampleTo1, traceFrom, traceTo } from "./step-window";
import { DECAY_E, DECAY_I, DECAY_M, propagate, RESPONSE_E, RESPONSE_I } from "./propagators";
import { clampToRails } from "./rails";
import { groupOf, sampleAddress, sampleTimes, timeInStep, sampledEnd, sampledFirst } from "./samples";
import { add, all, div, max, min, mul, put, root, sub } from "./vector";

const SIXTH: f32 = 0.16666666666666666;

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
function riseFromRail(p: usize, rail: v128, d: f32, ie: v128, ii: v128, saturated: bool): v128 {
  const am = v128.load(DECAY_M);
  const driven = sub(mul(ie, v128.load(RESPONSE_E)), mul(ii, v128.load(RESPONSE_I)));
  let free = add(mul(am, rail), driven);
  if (saturated) {
    const exc = excessIntegral(p, KNEE_E, all(d), am, v128.load(DECAY_E), ie);
    free = sub(free, sub(exc, excessIntegral(p, KNEE_I, all(d), am, v128.load(DECAY_I), ii)));
  }
  return clampToRails(p, rail, free, ie, ii, v128.load(p, IE), v128.load(p, II), all(0), d, saturated);
}

/**
 * Jumps we, wi at `from` act on the lanes of `mask`: on the end of the step and on samples after `from`.
 * `ie`, `ii` are the currents just before. PROPAGATOR must hold the interval from `from` to the end of the step.
 */
// @ts-ignore: decorator
@inline
export function correctMembranes(
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
    const lifted = riseFromRail(p, x, length - from, add(ie, we), add(ii, wi), saturated);
    moved = v128.bitselect(lifted, moved, held);
  }
  v128.store(p, v128.bitselect(moved, x, mask), X);
  const samples = p < load<u32>(VECTORS_0) << 4 ? sampleTo0 > sampleFrom0 : sampleTo1 > sampleFrom1;
  if (!samples && traceTo == traceFrom) return;
  let part = all(1);
  if (lifts) part = v128.bitselect(v128.and(div(sub(moved, x), linear), f32x4.ne(linear, all(0))), part, held);
  correctSamples(p, mask, from, we, wi, saturated, ie, ii, part);
}

/** The same on samples and the trace; `part` of the shift is seen. */
export function correctSamples(
  p: usize, mask: v128, from: f32, we: v128, wi: v128, saturated: bool, ie: v128, ii: v128, part: v128,
): void {
  const low = v128.load(p, LOW);
  const high = v128.load(p, RAIL_HIGH);
  const group = groupOf(p);
  const first = group == 0 ? sampleFrom0 : sampleFrom1;
  const to = group == 0 ? sampleTo0 : sampleTo1;
  const leak = v128.load(p, LEAK);
  if (to > first && p >= sampledFirst(group) && p < sampledEnd(group)) {
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
