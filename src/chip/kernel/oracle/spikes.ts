/**
 * Spikes of the step in ascending time: record, refractory time, release, kicks. A release within the step is exact,
 * and kicks at their exact time may cause or cancel further crossings. Twin of assembly/spikes.ts.
 */

import { adaptToSpike, extend } from "./adex.ts";
import { canSpike, crossing, NEVER } from "./crossing.ts";
import { bend, excessIntegral, slope } from "./currents.ts";
import { kickWithin } from "./kick.ts";
import { pathAt } from "./path.ts";
import { propagate } from "./propagators.ts";
import { enqueue } from "./queue.ts";
import { correct, reading } from "./samples.ts";
import { f } from "./single.ts";
import type { OracleState } from "./state.ts";
import { bytes, draw } from "./streams.ts";

/** The lane is free from `from` within the step: exact from reset, with the currents of that moment. */
function release(state: OracleState, lane: number, from: number, word: number): void {
  const { lanes } = state;
  const span = f(state.length - from);
  const { am, ae, ai, pe, pi } = propagate(state, lane, span);
  const ie = f(lanes.ie[lane]! / ae);
  const ii = f(lanes.ii[lane]! / ai);
  const deviation = f(lanes.sigma[lane]! * f(Math.sqrt(f(1 - f(am * am)))));
  const noise = f(deviation * bytes(word));
  const driven = f(f(pe * ie) - f(pi * ii));
  const lostE = excessIntegral(state, lane, "exc", span, am, ae, ie);
  const lostI = excessIntegral(state, lane, "inh", span, am, ai, ii);
  const reset = lanes.reset[lane]!;
  const x = f(f(f(f(am * reset) + driven) + noise) - f(lostE - lostI));
  lanes.x[lane] = Math.min(Math.max(x, lanes.low[lane]!), lanes.high[lane]!);
  const ramp = span > 0 ? f(noise / span) : 0;
  const smooth = slope(state, lane, reset, ie, ii);
  lanes.open[lane] = -1;
  lanes.near[lane] = lanes.nearFree[lane]!;
  lanes.freeFrom[lane] = from;
  lanes.start[lane] = from;
  lanes.startX[lane] = reset;
  lanes.startSlope[lane] = f(smooth + ramp);
  lanes.startBend[lane] = bend(state, lane, smooth, ie, ii);
  lanes.ramp[lane] = ramp;
  state.released.push(lane);
  const near = lanes.near[lane]!;
  let time = NEVER;
  if (state.adex) time = extend(state, lane);
  else if ((lanes.x[lane]! >= near || reset >= near) && canSpike(state, lane)) time = crossing(state, lane);
  correct(state, lane, from, (t) => reading(state, lane, pathAt(state, lane, t)));
  if (time !== NEVER) enqueue(state, lane, time);
}

/** Holds refractory membranes at the end of the step, or releases them within it; four draw their words together. */
export function advanceRefractory(state: OracleState): void {
  const { lanes } = state;
  const waiting = state.refractory;
  for (const { lane } of waiting) {
    lanes.x[lane] = lanes.reset[lane]!;
    correct(state, lane, -1, () => reading(state, lane, lanes.reset[lane]!));
  }
  state.refractory = waiting.filter(({ time }) => !(time < state.end));
  let words: Uint32Array = state.streams.event.word;
  waiting
    .filter(({ time }) => time < state.end)
    .forEach(({ lane, time }, k) => {
      if ((k & 3) === 0) words = draw(state.streams.event).slice();
      release(state, lane, f(time - state.start), words[k & 3]!);
    });
}

function fire(state: OracleState, lane: number): void {
  const { lanes } = state;
  const from = lanes.crossing[lane]!;
  const time = state.start + from;
  state.spikeTime.push(time);
  state.spikeNeuron.push(lanes.neuron[lane]!);

  lanes.open[lane] = 0;
  lanes.near[lane] = Number.POSITIVE_INFINITY;
  if (state.adex) adaptToSpike(state, lane, from);
  lanes.x[lane] = lanes.reset[lane]!;
  correct(state, lane, from, () => reading(state, lane, lanes.reset[lane]!));
  const free = time + lanes.refractory[lane]!;
  if (free < state.end) {
    const word = draw(state.streams.event)[0]!;
    release(state, lane, Math.min(f(free - state.start), state.length), word);
  } else state.refractory.push({ lane, time: free });
  const row = lanes.spikeRow[lane]!;
  if (row >= 0) kickWithin(state, row, from);
}

/** All spikes of the step. Stops beyond `limit` spikes of the entry; returns whether it stayed within. */
export function fireAll(state: OracleState, limit: number): boolean {
  for (let lane = state.queue.shift(); lane !== undefined; lane = state.queue.shift()) {
    if (state.spikeTime.length >= limit) return false;
    fire(state, lane);
  }
  for (const lane of state.released) state.lanes.freeFrom[lane] = 0;
  state.released.length = 0;
  return true;
}
