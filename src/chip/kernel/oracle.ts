/**
 * The membrane kernel in TypeScript that can be read: every operation rounded to f32 in the order of the WebAssembly
 * kernel (assembly/), so that spikes, samples and traces agree bit for bit. It tests that kernel and serves where SIMD
 * is missing, some fifty times slower. The scheme is told in docs/kernel.md; the parts are in oracle/.
 *
 * Time grid: steps of equal length from each distinct input time on, the last before the next input (or the end) cut.
 */

import {
  checkCapacity,
  failure,
  MAX_EVENTS,
  MAX_NEURONS,
  MAX_ROWS,
  MAX_SAMPLES,
  MAX_SPIKES,
} from "./capacity.ts";
import { BYTES_DEVIATION, fillCoefficients, halvings } from "./coefficients.ts";
import type { KernelInput, KernelKicks, KernelNeurons, MembraneKernel } from "./kernel.ts";
import { laneOf, laneViews, planLanes } from "./lanes.ts";
import * as layout from "./layout.ts";
import { advanceAdex } from "./oracle/adex.ts";
import { kickAtStart, reachOf } from "./oracle/kick.ts";
import { beginTrace, sampleSmooth } from "./oracle/samples.ts";
import { f } from "./oracle/single.ts";
import { advanceRefractory, fireAll } from "./oracle/spikes.ts";
import type { OracleState } from "./oracle/state.ts";
import { advance } from "./oracle/step.ts";
import { createStreams, manyBytes, seedStreams } from "./oracle/streams.ts";
import { markIgnored, wantedVectors } from "./wanted.ts";

/** Stamps closer than this (µs) are one; shorter steps are not made. */
const SAME_TIME = 1e-9;
/** Smaller values are rounded to 0 every so many steps: arithmetic below 1e-38 is slow. */
const NEGLIGIBLE = f(1e-20);
const SWEEP_STEPS = 64;

/** Resting state: no currents, membranes drawn from the stationary noise. */
function rest(state: OracleState): void {
  const { lanes, plan, streams } = state;
  const draws = new Float32Array(4);
  for (let lane = 0; lane < 4 * plan.vectors; lane++) {
    if ((lane & 3) === 0) manyBytes(streams.membrane, draws);
    lanes.x[lane] = Math.min(f(lanes.sigma[lane]! * draws[lane & 3]!), lanes.high[lane]!);
    lanes.open[lane] = lanes.live[lane]!;
    lanes.near[lane] = lanes.nearFree[lane]!;
    for (const array of [lanes.ie, lanes.ii, lanes.w, lanes.freeFrom, lanes.extra]) array[lane] = 0;
  }
  state.queue.length = 0;
  state.refractory = [];
  state.released.length = 0;
  state.spikeTime.length = 0;
  state.spikeNeuron.length = 0;
}

function sweep({ lanes, plan }: OracleState): void {
  for (const array of [lanes.x, lanes.ie, lanes.ii]) {
    for (let lane = 0; lane < 4 * plan.vectors; lane++) {
      if (!(Math.abs(array[lane]!) > NEGLIGIBLE)) array[lane] = 0;
    }
  }
}

/** First entry from `from` on that is later than `limit`. */
function after(from: number, times: Float64Array, count: number, limit: number): number {
  let k = from;
  while (k < count && times[k]! <= limit) k++;
  return k;
}

/** Moves on to the step from `start` to `end`. */
function begin(state: OracleState, start: number, end: number, length: number): void {
  const { input } = state;
  state.start = start;
  state.end = end;
  state.length = length;
  for (const group of [0, 1] as const) {
    const count = state.wantedEnd[group] > state.wantedFirst[group] ? input.sampleTime[group].length : 0;
    state.sampleFrom[group] = state.sampleTo[group];
    state.sampleTo[group] = after(state.sampleFrom[group], input.sampleTime[group], count, end);
  }
  state.traceFrom = state.traceTo;
  const points = state.traceLane < 0 ? 0 : input.traceTime.length;
  state.traceTo = after(state.traceFrom, input.traceTime, points, end);
}

function step(state: OracleState, start: number, end: number, length: number, cut: boolean): void {
  begin(state, start, end, length);
  beginTrace(state);
  advance(state, cut);
  if (state.adex) advanceAdex(state);
  sampleSmooth(state);
  advanceRefractory(state);
  if (!fireAll(state, MAX_SPIKES)) throw failure(layout.TOO_MANY_SPIKES);
}

function runEntry(state: OracleState, full: number): void {
  const { input } = state;
  seedStreams(state.streams, input.noiseKey);
  rest(state);
  state.sampleTo.fill(0);
  state.traceTo = 0;
  begin(state, 0, -SAME_TIME, 0);
  let steps = 0;
  const next = (start: number, end: number, length: number, cut: boolean): void => {
    if (++steps % SWEEP_STEPS === 0) sweep(state);
    step(state, start, end, length, cut);
  };
  let event = input.from;
  for (let now = 0; ; ) {
    for (; event < input.to && input.time[event]! <= now + SAME_TIME; event++) {
      kickAtStart(state, input.row[event]!);
    }
    if (now >= input.duration) return;
    const coming = event < input.to ? input.time[event]! : input.duration;
    const until = Math.min(coming, input.duration);
    const count = Math.floor((until - now + SAME_TIME) / full);
    const left = until - (now + count * full);
    const cut = left > SAME_TIME;
    for (let k = 0; k < count; k++) {
      const end = !cut && k === count - 1 ? until : now + (k + 1) * full;
      next(now + k * full, end, f(full), false);
    }
    if (cut) next(now + count * full, until, f(left), true);
    now = until;
  }
}

export function createOracle(): MembraneKernel {
  const buffer = new ArrayBuffer(layout.CUT_LENGTH);
  const empty = new Float32Array(0);
  const state: OracleState = {
    lanes: laneViews(buffer),
    streams: createStreams(),
    plan: { count0: 0, count: 0, vectors0: 0, vectors: 0 },
    halvings: 0,
    adex: false,
    kicks: { rows: 0, exc: empty, inh: empty, spikeRow: new Int32Array(0) },
    reach: [],
    eventNoise: 0,
    input: undefined as unknown as KernelInput,
    start: 0,
    end: 0,
    length: 0,
    sampleFrom: [0, 0],
    sampleTo: [0, 0],
    traceFrom: 0,
    traceTo: 0,
    wantedFirst: [0, 0],
    wantedEnd: [0, 0],
    traceLane: -1,
    traceCurrent: 0,
    queue: [],
    refractory: [],
    released: [],
    sample: [empty, empty],
    trace: empty,
    spikeTime: [],
    spikeNeuron: [],
  };
  let full = 0;
  let neurons: KernelNeurons | undefined;
  let kicks: KernelKicks | undefined;

  const place = (): void => {
    if (neurons === undefined) return;
    state.halvings = halvings(neurons, full);
    state.adex = neurons.adex !== undefined;
    fillCoefficients(state.lanes, state.plan, neurons, full);
    if (kicks === undefined) return;
    state.kicks = kicks;
    for (let neuron = 0; neuron < neurons.count; neuron++) {
      state.lanes.spikeRow[laneOf(state.plan, neuron)] = kicks.spikeRow[neuron]!;
    }
    state.reach = reachOf(state);
  };

  const checkInput = (input: KernelInput): void => {
    checkCapacity("events", input.to - input.from, MAX_EVENTS);
    const values = input.sampleTime.map((times) => times.length * state.plan.count);
    const points = input.traceNeuron < 0 ? 0 : input.traceTime.length;
    checkCapacity("sampled values", Math.max(...values, points), MAX_SAMPLES);
    for (let k = input.from; k < input.to; k++) {
      if (!(input.row[k]! >= 0 && input.row[k]! < state.kicks.rows)) throw failure(layout.NO_SUCH_ROW);
    }
    for (let neuron = 0; neuron < state.plan.count; neuron++) {
      if (state.kicks.spikeRow[neuron]! >= state.kicks.rows) throw failure(layout.NO_SUCH_ROW);
    }
  };

  return {
    kind: "oracle",
    setNeurons(value, step) {
      checkCapacity("neurons", value.count, MAX_NEURONS);
      if (!(step > 0)) throw new Error(`step of ${step} µs`);
      full = step;
      state.plan = planLanes(value.group, value.count);
      if (neurons !== undefined && neurons.count !== value.count) kicks = undefined;
      neurons = value;
      place();
    },
    movePotentials: place,
    setKicks(value) {
      if (neurons === undefined) throw new Error("kicks before neurons");
      checkCapacity("rows of kicks", value.rows, MAX_ROWS);
      kicks = {
        rows: value.rows,
        exc: value.exc.slice(),
        inh: value.inh.slice(),
        spikeRow: value.spikeRow.slice(),
      };
      place();
    },
    run(input) {
      if (neurons === undefined || kicks === undefined) {
        throw new Error("run before neurons and kicks are set");
      }
      checkInput(input);
      const { plan } = state;
      const counts = [plan.count0, plan.count - plan.count0] as const;
      const points = input.traceNeuron < 0 ? 0 : input.traceTime.length;
      state.input = input;
      state.eventNoise = f(input.eventNoise / BYTES_DEVIATION);
      state.traceLane = input.traceNeuron < 0 ? -1 : laneOf(plan, input.traceNeuron);
      state.trace = new Float32Array(points);
      for (const group of [0, 1] as const) {
        const wanted = wantedVectors(plan, group, input.sampled);
        state.wantedFirst[group] = wanted.first;
        state.wantedEnd[group] = wanted.end;
        state.sample[group] = new Float32Array(input.sampleTime[group].length * counts[group]);
      }
      runEntry(state, full);
      markIgnored(state.sample[0], input.sampleTime[0], counts[0], input.duration);
      markIgnored(state.sample[1], input.sampleTime[1], counts[1], input.duration);
      if (points > 0) markIgnored(state.trace, input.traceTime, 1, input.duration);
      return {
        spikes: state.spikeTime.length,
        spikeTime: Float64Array.from(state.spikeTime),
        spikeNeuron: Int32Array.from(state.spikeNeuron),
        sample: [state.sample[0], state.sample[1]],
        trace: state.trace,
      };
    },
  };
}
