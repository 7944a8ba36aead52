/**
 * Spikes of the step in ascending time: record, refractory time, release, jumps. A release within the step is
 * exact, and jumps at their exact time may cause or cancel further crossings.
 */

import {
  ADEX, DUE_FROM, DUE_LANE, NEURON, OK, OPEN, REFRACTORY, REFRACTORY_LANE, RELEASE_TIME, RESET, SPIKE_CAPACITY,
  SPIKE_NEURON, SPIKE_ROW, SPIKE_TIME, SPIKES, TOO_MANY_SPIKES, X,
} from "../src/chip/kernel/layout";
import { adaptToSpike } from "./adex";
import { setNear } from "./currents";
import { deliverWithin } from "./deliver";
import { end, length, start } from "./step-window";
import { crossed, next, waiting } from "./queue";
import { clearReleases, forgetReleases, release } from "./refractory-end";
import { resample } from "./samples";

let refractory: i32 = 0;

export function clearSpikes(): void {
  refractory = 0;
  clearReleases();
  store<i32>(SPIKES, 0);
}

/**
 * Holds refractory membranes at the end of the step, or releases them within it. Each is put on both lists, of which
 * one goes on: a branch here could not be predicted.
 */
export function advanceRefractory(): void {
  let kept: usize = 0;
  let due: usize = 0;
  const lanes: usize = <usize>refractory << 2;
  for (let k: usize = 0; k < lanes; k += 4) {
    const l = load<u32>(k, REFRACTORY_LANE);
    const time = load<f64>(k << 1, RELEASE_TIME);
    store<f32>(l, load<f32>(l, RESET), X);
    resample(l, -1, true);
    store<u32>(due, l, DUE_LANE);
    store<f32>(due, <f32>(time - start), DUE_FROM);
    store<u32>(kept, l, REFRACTORY_LANE);
    store<f64>(kept << 1, time, RELEASE_TIME);
    const free: usize = <usize>(time < end) << 2;
    due += free;
    kept += 4 - free;
  }
  refractory = <i32>(kept >> 2);
  if (due != 0) release(due);
}

// @ts-ignore: decorator
@inline
function fire(l: usize): i32 {
  const from = crossed;
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
    store<u32>(0, <u32>l, DUE_LANE);
    store<f32>(0, within < length ? within : length, DUE_FROM);
    release(4);
  } else {
    store<u32>(REFRACTORY_LANE + (<usize>refractory << 2), <u32>l);
    store<f64>(RELEASE_TIME + (<usize>refractory << 3), free);
    refractory++;
  }
  const row = load<i32>(l, SPIKE_ROW);
  if (row >= 0) deliverWithin(row, from);
  return OK;
}

/** All spikes of the step. */
export function fireAll(): i32 {
  while (waiting()) {
    const code = fire(next());
    if (code != OK) return code;
  }
  forgetReleases();
  return OK;
}
