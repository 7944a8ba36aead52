/**
 * Spikes of the step in ascending time: record, refractory time, release, kicks. A release within the step is
 * exact, and kicks at their exact time may cause or cancel further crossings. Twin of src/kernels/oracle/spikes.ts.
 */

import {
  ADEX, CROSSING, EVENT_STREAM, FREE_FROM, IE, II, HIGH, KNEE_E, KNEE_I, LOW, NEAR, NEAR_FREE,
  NEURON, OK, OPEN, RAMP, REFRACTORY, REFRACTORY_LANE, RELEASE_TIME, RELEASED, RESET, SCRATCH, SIGMA, SPIKE_CAPACITY,
  SPIKE_NEURON, SPIKE_ROW, SPIKE_TIME, SPIKES, START, START_BEND, START_SLOPE, START_X, TOO_MANY_SPIKES, X,
} from "../src/kernels/layout";
import { adaptToSpike, extend } from "./adex";
import { excessIntegral, laneBend, laneSlope, setNear } from "./currents";
import { kickWithin } from "./kick";
import { end, length, start } from "./now";
import { canSpike, crossing, NEVER } from "./crossing";
import { DECAY_E, DECAY_I, DECAY_M, propagate, RESPONSE_E, RESPONSE_I } from "./propagators";
import { enqueue, next, waiting } from "./queue";
import { bytes, draw } from "./random";
import { resample } from "./samples";
import { add, all, at, div, max, min, mul, put, root, sub } from "./vector";

let refractory: i32 = 0;
let released: i32 = 0;

export function clearSpikes(): void {
  refractory = 0;
  released = 0;
  store<i32>(SPIKES, 0);
}

/** Lane l is free from `from` within the step: exact from reset, with the currents of that moment. */
function release(l: usize, from: f32): void {
  const p: usize = l & ~15;
  const span = length - from;
  propagate(p, span);
  const am = v128.load(DECAY_M);
  const ae = v128.load(DECAY_E);
  const ai = v128.load(DECAY_I);
  const ie = div(v128.load(p, IE), ae);
  const ii = div(v128.load(p, II), ai);
  const noise = mul(mul(v128.load(p, SIGMA), root(sub(all(1), mul(am, am)))), bytes(draw(EVENT_STREAM)));
  const driven = sub(mul(v128.load(RESPONSE_E), ie), mul(v128.load(RESPONSE_I), ii));
  let x = add(add(mul(am, v128.load(p, RESET)), driven), noise);
  if (v128.any_true(v128.or(f32x4.gt(ie, v128.load(p, KNEE_E)), f32x4.gt(ii, v128.load(p, KNEE_I))))) {
    x = sub(x, sub(excessIntegral(p, KNEE_E, span, am, ae, ie), excessIntegral(p, KNEE_I, span, am, ai, ii)));
  }
  put(SCRATCH, 0, min(max(x, v128.load(p, LOW)), v128.load(p, HIGH)));
  store<f32>(l, load<f32>(SCRATCH + (l & 15)), X);
  put(SCRATCH, 0, noise);
  const ramp: f32 = span > 0 ? load<f32>(SCRATCH + (l & 15)) / span : 0;
  put(SCRATCH, 0, ie);
  const laneE = load<f32>(SCRATCH + (l & 15));
  put(SCRATCH, 0, ii);
  const laneI = load<f32>(SCRATCH + (l & 15));

  const reset = load<f32>(l, RESET);
  store<i32>(l, -1, OPEN);
  setNear(l, load<f32>(l, NEAR_FREE));
  store<f32>(l, from, FREE_FROM);
  store<f32>(l, from, START);
  store<f32>(l, reset, START_X);
  const smooth = laneSlope(l, reset, laneE, laneI);
  store<f32>(l, smooth + ramp, START_SLOPE);
  store<f32>(l, laneBend(l, smooth, laneE, laneI), START_BEND);
  store<f32>(l, ramp, RAMP);
  store<u32>(RELEASED + (<usize>released << 2), <u32>l);
  released++;
  let time = NEVER;
  if (load<i32>(ADEX) != 0) {
    time = extend(l);
  } else {
    const near = load<f32>(l, NEAR);
    if ((load<f32>(l, X) >= near || reset >= near) && canSpike(l)) time = crossing(l);
  }
  resample(l, from, false);
  if (time != NEVER) enqueue(l, time);
}

/** Holds refractory membranes at the end of the step, or releases them within it. */
export function advanceRefractory(): void {
  let kept = 0;
  for (let k = 0; k < refractory; k++) {
    const l = load<u32>(REFRACTORY_LANE + (<usize>k << 2));
    const time = load<f64>(RELEASE_TIME + (<usize>k << 3));
    store<f32>(l, load<f32>(l, RESET), X);
    resample(l, -1, true);
    if (time < end) {
      release(l, <f32>(time - start));
    } else {
      store<u32>(REFRACTORY_LANE + (<usize>kept << 2), l);
      store<f64>(RELEASE_TIME + (<usize>kept << 3), time);
      kept++;
    }
  }
  refractory = kept;
}

// @ts-ignore: decorator
@inline
function fire(l: usize): i32 {
  const from = load<f32>(l, CROSSING);
  const count = load<i32>(SPIKES);
  if (count >= load<i32>(SPIKE_CAPACITY)) return TOO_MANY_SPIKES;
  const time = start + <f64>from;
  store<f64>(load<u32>(SPIKE_TIME) + (<usize>count << 3), time);
  store<i32>(load<u32>(SPIKE_NEURON) + (<usize>count << 2), load<i32>(l, NEURON));
  store<i32>(SPIKES, count + 1);

  store<i32>(l, 0, OPEN);
  setNear(l, Infinity);
  if (load<i32>(ADEX) != 0) adaptToSpike(l, from);
  store<f32>(l, load<f32>(l, RESET), X);
  resample(l, from, true);
  const free = time + <f64>load<f32>(l, REFRACTORY);
  if (free < end) {
    const within = <f32>(free - start);
    release(l, within < length ? within : length);
  } else {
    store<u32>(REFRACTORY_LANE + (<usize>refractory << 2), <u32>l);
    store<f64>(RELEASE_TIME + (<usize>refractory << 3), free);
    refractory++;
  }
  const row = load<i32>(l, SPIKE_ROW);
  if (row >= 0) kickWithin(row, from);
  return OK;
}

/** All spikes of the step. */
export function fireAll(): i32 {
  while (waiting()) {
    const code = fire(next());
    if (code != OK) return code;
  }
  for (let k = 0; k < released; k++) store<f32>(load<u32>(RELEASED + (<usize>k << 2)) + FREE_FROM, 0);
  released = 0;
  return OK;
}
