/**
 * Entry points of the membrane kernel in WebAssembly: `prepareRows` after jumps or neurons changed, `run` for
 * one batch entry. Everything goes through memory, whose layout memory.js lists; the scheme is
 * told in docs/kernel.md.
 */

import {
  ADEX, COUNT, COUNT_0, DURATION, EVENTS, EVENT_ROW, EVENT_TIME, EXTRA, FREE_FROM, GROUP_STRIDE, MAY_SATURATE, IE, II,
  LANES, LIVE, MEMBRANE_STREAM, NEAR_THRESHOLD, NEAR_THRESHOLD_FREE, NOWHERE, NO_SUCH_ROW, OK, OPEN, RAIL_HIGH, RECURRENT, ROWS, ROW_END, ROW_EXC,
  ROW_FIRST, ROW_INH, ROW_RECURRENT, SAMPLES, SAMPLE_CAPACITY, SIGMA, SPIKE_ROW, STEP, THRESHOLD, TOO_MANY_NEURONS,
  TOO_MANY_SAMPLES, TRACES, TRACE_CAPACITY, TRACE_LANE, VECTORS, VECTORS_0, W, FLAG_FROM, WORDS, X,
} from "../src/chip/kernel/layout";
import { advanceAdex } from "./adex";
import { finishFlagged } from "./flagged";
import { deliverAtStart } from "./deliver";
import { begin, lastReading, rewind } from "./step-window";
import { setSeries } from "./propagators";
import { clearQueue } from "./queue";
import { drawMany, manyBytes, seed } from "./random";
import { inRow } from "./rows";
import { beginSamples, beginTrace, hasSamples, hasTrace, sampleSmooth, sampledEnd, sampledFirst } from "./samples";
import { advanceRefractory, clearSpikes, fireAll } from "./spikes";
import { advanceVectors, beginVectors, ENDS, NOTHING, WHOLE } from "./step";
import { all, at, min, mul, put } from "./vector";

/** Stamps closer than this (µs) are one; shorter steps are not made. */
const SAME_TIME: f64 = 1e-9;
/** Smaller values are rounded to 0 every so many steps: arithmetic below 1e-38 is slow. */
const NEGLIGIBLE: f32 = 1e-20;
const SWEEP_STEPS: i32 = 64;

let stepsDone: i32 = 0;

/** Jumps of vector p in row `row`, in live lanes; `array` is ROW_EXC or ROW_INH. */
function jumpsOf(array: usize, row: i32, p: usize): v128 {
  const address = load<u32>(array) + <usize>row * (<usize>load<u32>(COUNT) << 2) + inRow(p);
  return v128.and(v128.load(address), v128.load(p, LIVE));
}

function isZero(row: i32, p: usize): bool {
  return !v128.any_true(v128.or(jumpsOf(ROW_EXC, row, p), jumpsOf(ROW_INH, row, p)));
}

/** Finds which vectors each row reaches, and which rows make the network recurrent. */
export function prepareRows(): void {
  const rows = load<i32>(ROWS);
  const vectors: usize = load<u32>(VECTORS) << 4;
  for (let row = 0; row < rows; row++) {
    let first: usize = 0;
    let end = vectors;
    while (first < end && isZero(row, first)) first += 16;
    while (end > first && isZero(row, end - 16)) end -= 16;
    store<u32>(load<u32>(ROW_FIRST) + (<usize>row << 2), first >>> 4);
    store<u32>(load<u32>(ROW_END) + (<usize>row << 2), end >>> 4);
    store<i32>(load<u32>(ROW_RECURRENT) + (<usize>row << 2), 0);
  }
  let recurrent = 0;
  for (let l: usize = 0; l < vectors; l += 4) {
    const row = load<i32>(l, SPIKE_ROW);
    if (row < 0 || row >= rows) continue;
    const end: usize = load<u32>(load<u32>(ROW_END) + (<usize>row << 2)) << 4;
    for (let p: usize = load<u32>(load<u32>(ROW_FIRST) + (<usize>row << 2)) << 4; p < end; p += 16) {
      const hit = v128.or(
        f32x4.ne(jumpsOf(ROW_EXC, row, p), all(0)),
        f32x4.ne(jumpsOf(ROW_INH, row, p), all(0)),
      );
      if (!v128.any_true(v128.and(hit, f32x4.lt(v128.load(p, THRESHOLD), all(Infinity))))) continue;
      store<i32>(load<u32>(ROW_RECURRENT) + (<usize>row << 2), 1);
      recurrent = 1;
      break;
    }
  }
  store<i32>(RECURRENT, recurrent);
}

function checkCapacities(): i32 {
  const vectors = load<u32>(VECTORS);
  if (vectors << 2 > <u32>LANES || load<u32>(VECTORS_0) > vectors) return TOO_MANY_NEURONS;
  if (load<u32>(COUNT) > vectors << 2) return TOO_MANY_NEURONS;
  const count1 = load<i32>(COUNT) - load<i32>(COUNT_0);
  if (<i64>load<i32>(SAMPLES) * <i64>load<i32>(COUNT_0) > <i64>load<i32>(SAMPLE_CAPACITY)) return TOO_MANY_SAMPLES;
  const room1 = <i64>load<i32>(SAMPLE_CAPACITY + GROUP_STRIDE);
  if (<i64>load<i32>(SAMPLES + GROUP_STRIDE) * <i64>count1 > room1) return TOO_MANY_SAMPLES;
  if (load<i32>(TRACES) > load<i32>(TRACE_CAPACITY)) return TOO_MANY_SAMPLES;
  if (load<i32>(TRACES) > 0 && load<u32>(TRACE_LANE) >= vectors << 2) return TOO_MANY_NEURONS;
  const rows = load<i32>(ROWS);
  const events = load<i32>(EVENTS);
  for (let k = 0; k < events; k++) {
    if (load<u32>(load<u32>(EVENT_ROW) + (<usize>k << 2)) >= <u32>rows) return NO_SUCH_ROW;
  }
  for (let p: usize = 0; p < <usize>vectors << 4; p += 16) {
    if (v128.any_true(i32x4.ge_s(v128.load(p, SPIKE_ROW), i32x4.splat(rows)))) return NO_SUCH_ROW;
  }
  return OK;
}

/** Resting state: no currents, membranes drawn from the stationary noise. */
function resetState(): void {
  const vectors: usize = load<u32>(VECTORS) << 4;
  drawMany(MEMBRANE_STREAM, WORDS, WORDS + 4 * vectors);
  for (let p: usize = 0; p < vectors; p += 16) {
    v128.store(p, min(mul(v128.load(p, SIGMA), manyBytes(WORDS + 4 * p)), v128.load(p, RAIL_HIGH)), X);
    v128.store(p, all(0), IE);
    v128.store(p, all(0), II);
    v128.store(p, all(0), W);
    v128.store(p, all(0), MAY_SATURATE);
    v128.store(p, all(0), FREE_FROM);
    v128.store(p, all(0), EXTRA);
    v128.store(p, v128.load(p, LIVE), OPEN);
    v128.store(p, v128.load(p, NEAR_THRESHOLD_FREE), NEAR_THRESHOLD);
    v128.store(p, v128.load(p, NEAR_THRESHOLD_FREE), FLAG_FROM);
  }
}

function flushDenormals(array: usize): void {
  const vectors: usize = load<u32>(VECTORS) << 4;
  for (let p: usize = 0; p < vectors; p += 16) {
    const value = at(p, array);
    put(p, array, v128.and(value, f32x4.gt(f32x4.abs(value), all(NEGLIGIBLE))));
  }
}

function advanceAll(): void {
  const vectors: usize = load<u32>(VECTORS) << 4;
  if (load<i32>(RECURRENT) != 0 || load<i32>(ADEX) != 0) {
    advanceVectors(0, vectors, WHOLE);
    return;
  }
  if (lastReading < 0) {
    advanceVectors(0, vectors, NOTHING);
    return;
  }
  if (hasTrace()) {
    advanceVectors(0, vectors, ENDS);
    return;
  }
  let done: usize = 0;
  for (let group = 0; group < 2; group++) {
    if (!hasSamples(group)) continue;
    const first = sampledFirst(group);
    const end = sampledEnd(group);
    advanceVectors(done, first, NOTHING);
    advanceVectors(first, end, ENDS);
    done = end;
  }
  advanceVectors(done, vectors, NOTHING);
}

function step(from: f64, to: f64, interval: f32, cut: bool): i32 {
  if (++stepsDone % SWEEP_STEPS == 0) {
    flushDenormals(X);
    flushDenormals(IE);
    flushDenormals(II);
  }
  begin(from, to, interval);
  beginTrace();
  beginVectors(cut);
  advanceAll();
  finishFlagged(cut);
  if (load<i32>(ADEX) != 0) advanceAdex();
  if (lastReading >= 0) sampleSmooth();
  advanceRefractory();
  return fireAll();
}

/** Simulates one entry. Returns OK or what went wrong. */
export function run(): i32 {
  const code = checkCapacities();
  if (code != OK) return code;
  setSeries();
  v128.store(NOWHERE, all(-Infinity));
  seed();
  resetState();
  clearSpikes();
  clearQueue();
  beginSamples();
  rewind();
  stepsDone = 0;
  const duration = load<f64>(DURATION);
  const full = load<f64>(STEP);
  const events = load<i32>(EVENTS);
  const times: usize = load<u32>(EVENT_TIME);
  const rows: usize = load<u32>(EVENT_ROW);
  let event = 0;
  let now: f64 = 0;
  while (true) {
    while (event < events && load<f64>(times + (<usize>event << 3)) <= now + SAME_TIME) {
      deliverAtStart(load<i32>(rows + (<usize>event << 2)));
      event++;
    }
    if (now >= duration) break;
    let until = duration;
    if (event < events && load<f64>(times + (<usize>event << 3)) < duration) {
      until = load<f64>(times + (<usize>event << 3));
    }
    const steps = <i32>Math.floor((until - now + SAME_TIME) / full);
    const rest = until - (now + <f64>steps * full);
    const cut = rest > SAME_TIME;
    for (let k = 0; k < steps; k++) {
      const to = !cut && k == steps - 1 ? until : now + <f64>(k + 1) * full;
      const stepCode = step(now + <f64>k * full, to, <f32>full, false);
      if (stepCode != OK) return stepCode;
    }
    if (cut) {
      const stepCode = step(now + <f64>steps * full, until, <f32>rest, true);
      if (stepCode != OK) return stepCode;
    }
    now = until;
  }
  return OK;
}
