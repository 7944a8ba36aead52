/**
 * Exact adjoint of populations that act on themselves or on each other: all neurons together, spike after spike.
 * The equations are in adjoint-pass.ts; the slopes at the spikes come from recurrent-slopes.ts.
 *
 * Spikes couple neurons and go in descending time. Samples and releases concern one neuron and are caught up with
 * when that neuron is next looked at; nothing is moved where p is still zero.
 */

import type { Network, Population } from "../network/network.ts";
import { CLASS, CONSTANTS, EXC_RATE, LEAK_RATE, THRESHOLD } from "./adjoint-constants.ts";
import { FLOW, writeFlow } from "./adjoint-flow.ts";
import type { AdjointPass, StageAdjoint } from "./adjoint-pass.ts";
import { createRecurrentSlopes } from "./recurrent-slopes.ts";
import { type SpikeTimeline, spikeTimeline } from "./spike-timeline.ts";
import { type StageTargets, stageTargets } from "./stage-targets.ts";

/**
 * State of a neuron: p_V, p_E, p_I, the time they hold for; the times of its next event backwards (−Infinity:
 * none), of its next release and its next sample; and q.
 */
const STATE = 8;
const MEMBRANE = 0;
const EXC = 1;
const INH = 2;
const TIME = 3;
const NEXT = 4;
const RELEASE = 5;
const SAMPLE = 6;
const RELEASED = 7;

/** `floor`: smallest slope at a spike, in thresholds per τ_m. */
export function createRecurrentAdjoint(
  network: Network,
  populations: readonly Population[],
  constants: Float64Array,
  floor: number,
): StageAdjoint {
  const { neurons } = network;
  const targets = stageTargets(network, populations);
  const slopes = createRecurrentSlopes(network, targets, constants);
  const state = new Float64Array(STATE * neurons);
  /** Whether p of the neuron may differ from zero; whether it is between a spike and its release. */
  const reached = new Uint8Array(neurons);
  const held = new Uint8Array(neurons);
  /** Latest spike that the sweep has not passed; next sample; first sample. */
  const spikeOf = new Int32Array(neurons);
  const sampleOf = new Int32Array(neurons);
  const firstSample = new Int32Array(neurons);
  /** The last flow; neurons with equal rates that waited for the same time share it. */
  const flow = new Float64Array(FLOW);
  const flowOf = new Float64Array(2);
  /** The time to move to. */
  const clock = new Float64Array(1);

  /** Moves p of the neuron back to the clock when nothing happens at it in between. */
  const move = (neuron: number): void => {
    const at = neuron * STATE;
    const s = state[at + TIME]! - clock[0]!;
    state[at + TIME] = clock[0]!;
    if (s === 0) return;
    const place = neuron * CONSTANTS;
    if (flowOf[0] !== s || flowOf[1] !== constants[place + CLASS]) {
      flowOf[0] = s;
      flowOf[1] = constants[place + CLASS]!;
      flow[0] = s;
      writeFlow(constants, place, flow, 0);
    }
    const membrane = state[at + MEMBRANE]!;
    state[at + MEMBRANE] = membrane * flow[0]!;
    state[at + EXC] = state[at + EXC]! * flow[1]! + membrane * flow[2]!;
    state[at + INH] = state[at + INH]! * flow[3]! + membrane * flow[4]!;
  };

  const updateNext = (at: number): void => {
    state[at + NEXT] = Math.max(state[at + RELEASE]!, state[at + SAMPLE]!);
  };

  /** Finds the last sample with a cotangent at or before entry `from`. */
  const expectSample = (neuron: number, from: number, { observation, cotangent }: AdjointPass): void => {
    let sample = from;
    while (sample >= firstSample[neuron]! && cotangent.voltage[sample] === 0) sample--;
    sampleOf[neuron] = sample;
    state[neuron * STATE + SAMPLE] =
      sample >= firstSample[neuron]! ? observation.voltages.time[sample]! : Number.NEGATIVE_INFINITY;
    updateNext(neuron * STATE);
  };

  /** Before (earlier than) the present time the neuron is free until `spike` releases it, or already held by it. */
  const expectSpike = (neuron: number, spike: number, timeline: SpikeTimeline): void => {
    const at = neuron * STATE;
    const release = spike === -1 ? Number.NEGATIVE_INFINITY : timeline.release[spike]!;
    spikeOf[neuron] = spike;
    held[neuron] = release > state[at + TIME]! ? 1 : 0;
    state[at + RELEASED] = 0;
    state[at + RELEASE] = held[neuron] === 1 ? Number.NEGATIVE_INFINITY : release;
    updateNext(at);
  };

  /** Takes the samples and releases of the neuron until none is later than `time`; `time` itself for an own spike. */
  const catchUp = (neuron: number, own: boolean, pass: AdjointPass): void => {
    const at = neuron * STATE;
    const time = clock[0]!;
    while (state[at + NEXT]! > time || (own && state[at + NEXT]! === time)) {
      clock[0] = state[at + NEXT]!;
      move(neuron);
      if (clock[0] === state[at + RELEASE]!) {
        state[at + RELEASED] = slopes.after[spikeOf[neuron]!]! * state[at + MEMBRANE]!;
        state[at + MEMBRANE] = 0;
        state[at + RELEASE] = Number.NEGATIVE_INFINITY;
        held[neuron] = 1;
        updateNext(at);
        continue;
      }
      const sample = sampleOf[neuron]!;
      if (held[neuron] === 0) {
        state[at + MEMBRANE] = state[at + MEMBRANE]! + pass.cotangent.voltage[sample]!;
        reached[neuron] = 1;
      }
      expectSample(neuron, sample - 1, pass);
    }
    clock[0] = time;
  };

  const begin = (pass: AdjointPass, timeline: SpikeTimeline): void => {
    const { horizon, last } = timeline;
    const { neuron: sampled, count } = pass.observation.voltages;
    flowOf[0] = 0;
    for (const { start, size } of populations) {
      let entry = 0;
      for (let neuron = start; neuron < start + size; neuron++) {
        const at = neuron * STATE;
        while (entry < count && sampled[entry]! < neuron) entry++;
        firstSample[neuron] = entry;
        while (entry < count && sampled[entry] === neuron) entry++;
        reached[neuron] = 0;
        state.fill(0, at, at + STATE);
        state[at + TIME] = horizon;
        expectSample(neuron, entry - 1, pass);
        expectSpike(neuron, last[neuron]!, timeline);
      }
    }
  };

  /** An event of `source` at the clock. `spike` is its entry, −1 for an input. */
  const arrive = (source: number, spike: number, moved: Float64Array, pass: AdjointPass): void => {
    const { weights, gradient } = pass;
    const { first, row, from, to } = targets as StageTargets;
    for (let entry = first[source]!; entry < first[source + 1]!; entry++) {
      let at = row[entry]!;
      for (let neuron = from[entry]!; neuron < to[entry]!; neuron++, at++) {
        const own = neuron * STATE;
        if (state[own + NEXT]! > clock[0]!) catchUp(neuron, false, pass);
        if (reached[neuron] === 0) continue;
        move(neuron);
        const place = neuron * CONSTANTS;
        const weight = weights[at]!;
        const slot = weight >= 0 ? 0 : 1;
        const adjoint = state[own + EXC + slot]!;
        gradient[at] = gradient[at]! + adjoint;
        if (spike === -1) continue;
        const leak = constants[place + LEAK_RATE]! * state[own + MEMBRANE]!;
        moved[spike] = moved[spike]! + weight * (constants[place + EXC_RATE + slot]! * adjoint - leak);
      }
    }
  };

  /** The jump of the neuron's p_V at its own spike, which is at the clock. */
  const jump = (neuron: number, spike: number, moved: Float64Array, { counts }: AdjointPass): void => {
    const at = neuron * STATE;
    const change = state[at + RELEASED]! - moved[spike]!;
    state[at + MEMBRANE] = 0;
    if (change === 0) return;
    const own = neuron * CONSTANTS;
    const lowest = floor * constants[own + LEAK_RATE]! * constants[own + THRESHOLD]!;
    const slope = slopes.before[spike]!;
    const capped = !(slope > 0 && slope >= lowest);
    counts.spikes++;
    if (capped) counts.cappedJumps++;
    reached[neuron] = 1;
    state[at + MEMBRANE] = capped ? (lowest > 0 ? change / lowest : 0) : change / slope;
  };

  return {
    run(pass) {
      const { observation } = pass;
      const timeline = spikeTimeline(pass.room);
      const { count, inputs, previous, moved } = timeline;
      const { time: spikeTime, index } = observation.spikes;
      const { time: inputTime, index: source } = observation.inputs;
      slopes.run(pass, timeline);
      begin(pass, timeline);
      let input = inputs - 1;
      let spike = count - 1;
      while (spike >= 0) {
        const time = spikeTime[spike]!;
        for (; input >= 0 && inputTime[input]! >= time; input--) {
          clock[0] = inputTime[input]!;
          arrive(source[input]!, -1, moved, pass);
        }
        clock[0] = time;
        const latest = spike;
        for (; spike >= 0 && spikeTime[spike] === time; spike--) {
          arrive(network.inputs + index[spike]!, spike, moved, pass);
        }
        for (let own = latest; own > spike; own--) {
          const neuron = index[own]!;
          if (targets.member[neuron] === 0) continue;
          catchUp(neuron, true, pass);
          move(neuron);
          jump(neuron, own, moved, pass);
          expectSpike(neuron, previous[own]!, timeline);
        }
      }
      for (; input >= 0; input--) {
        clock[0] = inputTime[input]!;
        arrive(source[input]!, -1, moved, pass);
      }
    },
  };
}
