/**
 * Samples of groups and the trace of one lane at any time within the step. First the lanes are read from their
 * smooth paths plus the bridge of the noise around them; what then happens at single lanes (spike,
 * release, jump) corrects what is later.
 */

import {
  BRIDGE, COUNT, COUNT_0, EXTRA, GROUP_STRIDE, MAY_SATURATE, IE, II, LEAK, LOW, RAIL_HIGH, RAMP, RATE_E, RATE_I, RATE_M, RESET, ROUGHNESS,
  SAMPLE_END, SAMPLE_FIRST, SAMPLE_STREAM, SAMPLE_TIME, SAMPLE_VALUE, SAMPLES, SCRATCH, START, START_SLOPE, START_X,
  THRESHOLD, TRACE_LANE, TRACE_SOURCE, TRACE_TIME, TRACE_VALUE, TRACES, VECTORS_0, X,
} from "../src/chip/kernel/layout";
import { slope } from "./currents";
import {
  length, sampleFrom0, sampleFrom1, sampleTo0, sampleTo1, start, traceFrom, traceTo,
} from "./step-window";
import { pathAt } from "./path";
import { bytes, draw } from "./random";
import { exp32 } from "./single";
import { add, all, max, min, mul, sub } from "./vector";

const SIXTH: f32 = 0.16666666666666666;

/** Current of the traced lane at the start of the step. */
let traceCurrent: f32 = 0;

// @ts-ignore: decorator
@inline
export function timeInStep(times: usize, k: i32): f32 {
  return <f32>(load<f64>(times + ((<usize>k) << 3)) - start);
}

// @ts-ignore: decorator
@inline
export function hasSamples(group: i32): bool {
  return group == 0 ? sampleTo0 > sampleFrom0 : sampleTo1 > sampleFrom1;
}

// @ts-ignore: decorator
@inline
export function hasTrace(): bool {
  return traceTo > traceFrom;
}

export function groupOf(l: usize): i32 {
  return l < load<u32>(VECTORS_0) << 4 ? 0 : 1;
}

/** Bytes of the first and behind the last vector whose samples are wanted. */
export function sampledFirst(group: i32): usize {
  return load<u32>(<usize>group * GROUP_STRIDE + SAMPLE_FIRST) << 4;
}
export function sampledEnd(group: i32): usize {
  return load<u32>(<usize>group * GROUP_STRIDE + SAMPLE_END) << 4;
}

/** Address of the value of lane `l` in sample k of its group. */
export function sampleAddress(l: usize, group: i32, k: i32): usize {
  const count = group == 0 ? load<i32>(COUNT_0) : load<i32>(COUNT) - load<i32>(COUNT_0);
  const first: usize = group == 0 ? 0 : load<u32>(VECTORS_0) << 4;
  return load<u32>(<usize>group * GROUP_STRIDE + SAMPLE_VALUE) + (<usize>(k * count) << 2) + (l - first);
}

// @ts-ignore: decorator
@inline
export function sampleTimes(group: i32): usize {
  return load<u32>(<usize>group * GROUP_STRIDE + SAMPLE_TIME);
}

/** Remembers what the trace needs from before the step. */
export function beginTrace(): void {
  if (!hasTrace()) return;
  const source = load<i32>(TRACE_SOURCE);
  store<f32>(load<u32>(TRACE_LANE) << 2, 0, START);
  traceCurrent = load<f32>((load<u32>(TRACE_LANE) << 2) + (source == 1 ? IE : II));
}

/*
 * The noise beyond its mean (path.ts) is an Ornstein–Uhlenbeck bridge that ends at 0. From its value at `before` there
 * remains sinh((h − t)/τ_m)/sinh((h − before)/τ_m) at t, and what is new has the variance
 * 2σ² sinh((t − before)/τ_m) sinh((h − t)/τ_m)/sinh((h − before)/τ_m). Both are worked out for a Brownian bridge, the
 * limit of long τ_m, and corrected by their next terms in 1/τ_m, which differ from lane to lane.
 */

/** Part of a Brownian bridge that remains, and the standard deviation of what is new for unit diffusion. */
// @ts-ignore: decorator
@inline
function bridgeFactor(before: f32, t: f32): f32 {
  const rest = length - before;
  return rest > 0 ? (length - t) / rest : 0;
}
// @ts-ignore: decorator
@inline
function bridgeInnovation(before: f32, t: f32, kept: f32): f32 {
  const variance = (t - before) * kept;
  return variance > 0 ? Mathf.sqrt(variance) : 0;
}

/** What the factors lose per 1/τ_m² against those of a Brownian bridge. */
// @ts-ignore: decorator
@inline
function lostFactor(before: f32, t: f32): f32 {
  const rest = length - t;
  const whole = length - before;
  return SIXTH * (whole * whole - rest * rest);
}
// @ts-ignore: decorator
@inline
function lostInnovation(before: f32, t: f32): f32 {
  return SIXTH * (t - before) * (length - t);
}

function sampleGroup(group: i32, from: i32, to: i32): void {
  const times = sampleTimes(group);
  const first = sampledFirst(group);
  const end = sampledEnd(group);
  let before: f32 = 0;
  for (let k = from; k < to; k++) {
    const t = timeInStep(times, k);
    const u = t / length;
    const v: f32 = <f32>1 - u;
    const rise = all(u * u * (<f32>3 - <f32>2 * u));
    const early = all(t * v * v);
    const late = all(t * u * v);
    const part = bridgeFactor(before, t);
    const kept = all(k > from ? part : 0);
    const fresh = all(bridgeInnovation(before, t, part));
    const lostKept = all(lostFactor(before, t));
    const lostFresh = all(lostInnovation(before, t));
    before = t;
    let address = sampleAddress(first, group, k);
    for (let p = first; p < end; p += 16) {
      const x = v128.load(p, X);
      const smooth = slope(p, x, v128.load(p, IE), v128.load(p, II), load<i32>(p, MAY_SATURATE) != 0);
      const last = add(add(smooth, v128.load(p, RAMP)), v128.load(p, EXTRA));
      const x0 = v128.load(p, START_X);
      const lifted = add(x0, mul(rise, sub(x, x0)));
      const bent = sub(mul(early, v128.load(p, START_SLOPE)), mul(late, last));
      const rate = v128.load(p, RATE_M);
      const square = mul(rate, rate);
      const isNew = mul(fresh, sub(all(1), mul(square, lostFresh)));
      const noise = mul(mul(isNew, v128.load(p, ROUGHNESS)), bytes(draw(SAMPLE_STREAM)));
      const old = mul(kept, sub(all(1), mul(square, lostKept)));
      const bridge = add(mul(old, v128.load(p, BRIDGE)), noise);
      v128.store(p, bridge, BRIDGE);
      const value = add(add(lifted, bent), bridge);
      v128.store(address, add(min(max(value, v128.load(p, LOW)), v128.load(p, RAIL_HIGH)), v128.load(p, LEAK)));
      address += 16;
    }
  }
}

/** Value that a sample reads when the lane is at x. */
function reading(l: usize, x: f32): f32 {
  const low = load<f32>(l, LOW);
  const high = load<f32>(l, RAIL_HIGH);
  const raised = x < low ? low : x;
  return (high < raised ? high : raised) + load<f32>(l, LEAK);
}

function sampleTrace(): void {
  const l: usize = load<u32>(TRACE_LANE) << 2;
  const source = load<i32>(TRACE_SOURCE);
  const times: usize = load<u32>(TRACE_TIME);
  const values: usize = load<u32>(TRACE_VALUE);
  const rate = load<f32>(l + (source == 1 ? RATE_E : RATE_I));
  let before: f32 = 0;
  let bridge: f32 = 0;
  for (let k = traceFrom; k < traceTo; k++) {
    const t = timeInStep(times, k);
    let value: f32 = 0;
    if (source == 0) {
      const part = bridgeFactor(before, t);
      const square = load<f32>(l, RATE_M) * load<f32>(l, RATE_M);
      const old = part * (<f32>1 - square * lostFactor(before, t));
      const isNew = bridgeInnovation(before, t, part) * (<f32>1 - square * lostInnovation(before, t));
      const fresh = isNew * load<f32>(l, ROUGHNESS);
      bridge = old * bridge + fresh * f32x4.extract_lane(bytes(draw(SAMPLE_STREAM)), 0);
      before = t;
      value = reading(l, pathAt(l, t) + bridge);
    } else {
      value = traceCurrent * exp32(rate * t);
    }
    store<f32>(values + ((<usize>k) << 2), value);
  }
}

/** All samples of the step from the smooth paths. */
export function sampleSmooth(): void {
  sampleGroup(0, sampleFrom0, sampleTo0);
  sampleGroup(1, sampleFrom1, sampleTo1);
  if (hasTrace()) sampleTrace();
}

/** Whether a lane that may spike is sampled or traced: set for each entry. */
let spikersSampled: bool = false;

function mayOneSpike(group: i32): bool {
  if (load<i32>(<usize>group * GROUP_STRIDE + SAMPLES) == 0) return false;
  for (let p = sampledFirst(group); p < sampledEnd(group); p += 16) {
    if (i32x4.bitmask(f32x4.lt(v128.load(p, THRESHOLD), all(Infinity))) != 0) return true;
  }
  return false;
}

export function beginSamples(): void {
  spikersSampled = load<i32>(TRACES) > 0 || mayOneSpike(0) || mayOneSpike(1);
}

/** Rewrites the samples of one lane from `from` on: held at the reset, or along its present path. */
// @ts-ignore: decorator
@inline
export function resample(l: usize, from: f32, held: bool): void {
  if (spikersSampled) rewrite(l, from, held);
}

function rewrite(l: usize, from: f32, held: bool): void {
  const group = groupOf(l);
  if (l >= sampledFirst(group) && l < sampledEnd(group)) {
    const times = sampleTimes(group);
    const to = group == 0 ? sampleTo0 : sampleTo1;
    for (let k = group == 0 ? sampleFrom0 : sampleFrom1; k < to; k++) {
      const t = timeInStep(times, k);
      if (t < from) continue;
      store<f32>(sampleAddress(l, group, k), reading(l, held ? load<f32>(l, RESET) : pathAt(l, t)));
    }
  }
  if (!hasTrace() || load<i32>(TRACE_SOURCE) != 0 || l != load<u32>(TRACE_LANE) << 2) return;
  const traceTimes: usize = load<u32>(TRACE_TIME);
  const values: usize = load<u32>(TRACE_VALUE);
  for (let k = traceFrom; k < traceTo; k++) {
    const t = timeInStep(traceTimes, k);
    if (t < from) continue;
    const value = reading(l, held ? load<f32>(l, RESET) : pathAt(l, t));
    store<f32>(values + ((<usize>k) << 2), value);
  }
}

/** Adds a jump at `from` to the trace of a current. */
export function traceJump(p: usize, from: f32, exc: v128, inh: v128): void {
  const source = load<i32>(TRACE_SOURCE);
  const l: usize = load<u32>(TRACE_LANE) << 2;
  if (!hasTrace() || source == 0 || (l & ~15) != p) return;
  v128.store(SCRATCH, source == 1 ? exc : inh);
  const jump = load<f32>(SCRATCH + (l & 15));
  const rate = load<f32>(l + (source == 1 ? RATE_E : RATE_I));
  const times: usize = load<u32>(TRACE_TIME);
  const values: usize = load<u32>(TRACE_VALUE);
  for (let k = traceFrom; k < traceTo; k++) {
    const t = timeInStep(times, k);
    if (!(t > from)) continue;
    const address = values + ((<usize>k) << 2);
    store<f32>(address, load<f32>(address) + jump * exp32(rate * (t - from)));
  }
}
