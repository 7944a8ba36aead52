/**
 * Ends of refractory times within the step: exact from reset, with the currents of that moment; four lanes at once,
 * each with an interval of its own.
 */

import {
  ADEX, BEND_E, BEND_I, DUE_FROM, DUE_LANE, EVENT_STREAM, FREE_FROM, GATHERED, HIGH, IE, II, KNEE_E, KNEE_I, LOW,
  NEAR_THRESHOLD_FREE, OPEN, PE_1, PE_2, PE_3, PE_4, PI_1, PI_2, PI_3, PI_4, RAMP, RATE_E, RATE_I, RATE_M, RELEASED, RESET,
  SIGMA, START, START_BEND, START_SLOPE, START_X, FLAG_FROM, WIDTH_E, WIDTH_I, X,
} from "../src/chip/kernel/layout";
import { extend } from "./adex";
import { driveChange, excessIntegral, setNear, slope } from "./currents";
import { canSpike, crossing, NEVER } from "./crossing";
import { length } from "./step-window";
import { noiseSlopeAtEnd, noiseSlopeAtStart } from "./path";
import { DECAY_E, DECAY_I, DECAY_M, propagate, RESPONSE_E, RESPONSE_I } from "./propagators";
import { enqueue } from "./queue";
import { bytes, draw } from "./random";
import { resample } from "./samples";
import { add, all, at, div, four, max, min, mul, orLast, root, sub } from "./vector";

let released: usize = 0;

export function clearReleases(): void {
  released = 0;
}

/** Ends the step: whoever was released is free from its start. */
export function forgetReleases(): void {
  for (let k: usize = 0; k < released; k += 4) store<f32>(load<u32>(k, RELEASED), 0, FREE_FROM);
  released = 0;
}

/** Puts `array` of four lanes into the vector GATHERED. */
// @ts-ignore: decorator
@inline
function gather(array: usize, l0: usize, l1: usize, l2: usize, l3: usize): void {
  v128.store(GATHERED + array, four(l0 + array, l1 + array, l2 + array, l3 + array));
}

/** Whether one of the gathered currents ie, ii is above its knee; then the rest of their saturation is gathered. */
// @ts-ignore: decorator
@inline
function saturates(ie: v128, ii: v128, l0: usize, l1: usize, l2: usize, l3: usize): bool {
  gather(KNEE_E, l0, l1, l2, l3);
  gather(KNEE_I, l0, l1, l2, l3);
  const above = v128.or(f32x4.gt(ie, at(GATHERED, KNEE_E)), f32x4.gt(ii, at(GATHERED, KNEE_I)));
  if (i32x4.bitmask(above) == 0) return false;
  gather(WIDTH_E, l0, l1, l2, l3);
  gather(BEND_E, l0, l1, l2, l3);
  gather(WIDTH_I, l0, l1, l2, l3);
  gather(BEND_I, l0, l1, l2, l3);
  return true;
}

/** Paths of four lanes over the rest of the step, each from its own release: left in GATHERED. */
function follow(l0: usize, l1: usize, l2: usize, l3: usize, from: v128): void {
  gather(RATE_M, l0, l1, l2, l3);
  gather(RATE_E, l0, l1, l2, l3);
  gather(RATE_I, l0, l1, l2, l3);
  gather(PE_1, l0, l1, l2, l3);
  gather(PE_2, l0, l1, l2, l3);
  gather(PE_3, l0, l1, l2, l3);
  gather(PE_4, l0, l1, l2, l3);
  gather(PI_1, l0, l1, l2, l3);
  gather(PI_2, l0, l1, l2, l3);
  gather(PI_3, l0, l1, l2, l3);
  gather(PI_4, l0, l1, l2, l3);
  gather(IE, l0, l1, l2, l3);
  gather(II, l0, l1, l2, l3);
  gather(SIGMA, l0, l1, l2, l3);
  gather(RESET, l0, l1, l2, l3);
  gather(LOW, l0, l1, l2, l3);
  gather(HIGH, l0, l1, l2, l3);
  const p = GATHERED;
  const span = sub(all(length), from);
  propagate(p, span);
  const am = v128.load(DECAY_M);
  const ae = v128.load(DECAY_E);
  const ai = v128.load(DECAY_I);
  const ie = div(at(p, IE), ae);
  const ii = div(at(p, II), ai);
  const noise = mul(mul(at(p, SIGMA), root(sub(all(1), mul(am, am)))), bytes(draw(EVENT_STREAM)));
  const driven = sub(mul(v128.load(RESPONSE_E), ie), mul(v128.load(RESPONSE_I), ii));
  const reset = at(p, RESET);
  let x = add(add(mul(am, reset), driven), noise);
  const hot = saturates(ie, ii, l0, l1, l2, l3);
  if (hot) x = sub(x, sub(excessIntegral(p, KNEE_E, span, am, ae, ie), excessIntegral(p, KNEE_I, span, am, ai, ii)));
  v128.store(p + X, min(max(x, at(p, LOW)), at(p, HIGH)));
  const mean = v128.and(div(noise, span), f32x4.gt(span, all(0)));
  const y = mul(at(p, RATE_M), span);
  v128.store(p + RAMP, noiseSlopeAtEnd(mean, y));
  const smooth = slope(p, reset, ie, ii, hot);
  v128.store(p + START_SLOPE, add(smooth, noiseSlopeAtStart(mean, y)));
  const exc = driveChange(p, KNEE_E, at(p, RATE_E), ie, hot);
  const inh = driveChange(p, KNEE_I, at(p, RATE_I), ii, hot);
  v128.store(p + START_BEND, sub(add(mul(at(p, RATE_M), smooth), exc), inh));
}

/** Lets lane l go, whose path is lane k/4 of GATHERED. */
// @ts-ignore: decorator
@inline
function endRefractory(l: usize, k: usize, from: f32): void {
  const reset = load<f32>(l, RESET);
  const near = load<f32>(l, NEAR_THRESHOLD_FREE);
  const x = load<f32>(GATHERED + X + k);
  store<f32>(l, x, X);
  store<i32>(l, -1, OPEN);
  setNear(l, near);
  store<f32>(l, from, FREE_FROM);
  store<f32>(l, from, START);
  store<f32>(l, reset, START_X);
  store<f32>(l, load<f32>(GATHERED + START_SLOPE + k), START_SLOPE);
  store<f32>(l, load<f32>(GATHERED + START_BEND + k), START_BEND);
  store<f32>(l, load<f32>(GATHERED + RAMP + k), RAMP);
  store<u32>(released, <u32>l, RELEASED);
  released += 4;
  let time = NEVER;
  if (load<i32>(ADEX) != 0) time = extend(l);
  else {
    const watch = load<f32>(l, FLAG_FROM);
    if ((x >= watch || reset >= watch) && canSpike(l)) time = crossing(l);
  }
  resample(l, from, false);
  if (time != NEVER) enqueue(l, time);
}

/** Releases the lanes in DUE_LANE, 4 bytes each up to `end`. */
export function release(end: usize): void {
  for (let k: usize = 0; k < end; k += 16) {
    const k1 = orLast(k + 4, end);
    const k2 = orLast(k + 8, end);
    const k3 = orLast(k + 12, end);
    const from = four(k + DUE_FROM, k1 + DUE_FROM, k2 + DUE_FROM, k3 + DUE_FROM);
    follow(load<u32>(k, DUE_LANE), load<u32>(k1, DUE_LANE), load<u32>(k2, DUE_LANE), load<u32>(k3, DUE_LANE), from);
    const lanes: usize = end - k < 16 ? end - k : 16;
    for (let lane: usize = 0; lane < lanes; lane += 4) {
      endRefractory(load<u32>(k + lane, DUE_LANE), lane, load<f32>(k + lane, DUE_FROM));
    }
  }
}
