/**
 * Samples of groups and the trace of one lane at any time within the step. First the lanes are read from their
 * smooth paths plus the Brownian bridge of the noise around them; what then happens at single lanes (spike,
 * release, kick) corrects what is later. Twin of assembly/samples.ts.
 */

import { pathAt } from "./path.ts";
import { exp32, f } from "./single.ts";
import { groupOf, type OracleState, sampleIndex } from "./state.ts";
import { bytes, draw } from "./streams.ts";

export function timeInStep(state: OracleState, time: number): number {
  return f(time - state.start);
}

/** Remembers what the trace needs from before the step. */
export function beginTrace(state: OracleState): void {
  if (state.traceTo === state.traceFrom) return;
  const { lanes, traceLane } = state;
  lanes.start[traceLane] = 0;
  state.traceCurrent = (state.input.traceSource === "synapse-exc" ? lanes.ie : lanes.ii)[traceLane]!;
}

/** Part of a Brownian bridge over the step that remains at t of its value at `before`. */
function remaining(state: OracleState, before: number, t: number): number {
  const rest = f(state.length - before);
  return rest > 0 ? f(f(state.length - t) / rest) : 0;
}

/** Standard deviation of what is new in it since, for unit diffusion. */
function freshness(before: number, t: number, kept: number): number {
  const variance = f(f(t - before) * kept);
  return variance > 0 ? f(Math.sqrt(variance)) : 0;
}

/** Value that a sample reads when the lane is at x. */
export function reading({ lanes }: OracleState, lane: number, x: number): number {
  const raised = Math.max(x, lanes.low[lane]!);
  return f(Math.min(raised, lanes.high[lane]!) + lanes.leak[lane]!);
}

function sampleGroup(state: OracleState, group: 0 | 1): void {
  const { lanes, streams } = state;
  let before = 0;
  for (let k = state.sampleFrom[group]; k < state.sampleTo[group]; k++) {
    const t = timeInStep(state, state.input.sampleTime[group][k]!);
    const part = remaining(state, before, t);
    const kept = k > state.sampleFrom[group] ? part : 0;
    const fresh = freshness(before, t, part);
    before = t;
    for (let vector = state.wantedFirst[group]; vector < state.wantedEnd[group]; vector++) {
      const word = draw(streams.sample);
      for (let lane = 4 * vector; lane < 4 * vector + 4; lane++) {
        if (lanes.live[lane] === 0) continue;
        const noise = f(f(fresh * lanes.roughness[lane]!) * bytes(word[lane & 3]!));
        lanes.bridge[lane] = f(f(kept * lanes.bridge[lane]!) + noise);
        const x = f(pathAt(state, lane, t) + lanes.bridge[lane]!);
        state.sample[group][sampleIndex(state, lane, group, k)] = reading(state, lane, x);
      }
    }
  }
}

function sampleTrace(state: OracleState): void {
  const { input, lanes, streams, traceLane: lane } = state;
  const rate = (input.traceSource === "synapse-exc" ? lanes.rateE : lanes.rateI)[lane]!;
  let before = 0;
  let bridge = 0;
  for (let k = state.traceFrom; k < state.traceTo; k++) {
    const t = timeInStep(state, input.traceTime[k]!);
    if (input.traceSource === "membrane") {
      const part = remaining(state, before, t);
      const fresh = f(freshness(before, t, part) * lanes.roughness[lane]!);
      bridge = f(f(part * bridge) + f(fresh * bytes(draw(streams.sample)[0]!)));
      before = t;
      state.trace[k] = reading(state, lane, f(pathAt(state, lane, t) + bridge));
    } else {
      state.trace[k] = f(state.traceCurrent * exp32(f(rate * t)));
    }
  }
}

/** All samples of the step from the smooth paths. */
export function sampleSmooth(state: OracleState): void {
  sampleGroup(state, 0);
  sampleGroup(state, 1);
  sampleTrace(state);
}

/** Changes the wanted samples and trace points of a lane that are at `from` in the step or later. */
export function correct(
  state: OracleState,
  lane: number,
  from: number,
  change: (t: number, value: number) => number,
): void {
  const group = groupOf(state, lane);
  const vector = lane >> 2;
  if (vector >= state.wantedFirst[group] && vector < state.wantedEnd[group]) {
    for (let k = state.sampleFrom[group]; k < state.sampleTo[group]; k++) {
      const t = timeInStep(state, state.input.sampleTime[group][k]!);
      const index = sampleIndex(state, lane, group, k);
      if (t >= from) state.sample[group][index] = change(t, state.sample[group][index]!);
    }
  }
  if (lane !== state.traceLane || state.input.traceSource !== "membrane") return;
  for (let k = state.traceFrom; k < state.traceTo; k++) {
    const t = timeInStep(state, state.input.traceTime[k]!);
    if (t >= from) state.trace[k] = change(t, state.trace[k]!);
  }
}

/** Adds kicks at `from` to the trace of a current. */
export function traceKick(state: OracleState, lane: number, from: number, exc: number, inh: number): void {
  const source = state.input.traceSource;
  if (lane !== state.traceLane || source === "membrane") return;
  const kick = source === "synapse-exc" ? exc : inh;
  const rate = (source === "synapse-exc" ? state.lanes.rateE : state.lanes.rateI)[lane]!;
  for (let k = state.traceFrom; k < state.traceTo; k++) {
    const t = timeInStep(state, state.input.traceTime[k]!);
    if (t > from) state.trace[k] = f(state.trace[k]! + f(kick * exp32(f(rate * f(t - from)))));
  }
}
