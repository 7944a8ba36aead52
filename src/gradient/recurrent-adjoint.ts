/**
 * The exact adjoint of populations that act on themselves or on each other: all neurons together, spike after spike. The
 * equations are in exact-adjoint.ts. First the slopes of membranes at their spikes, event after event in ascending time;
 * then back.
 *
 * Spikes couple neurons and go in descending time. Samples and ends of refractory times concern one neuron and are
 * caught up with when that neuron is next looked at; nothing is moved where p is still zero.
 *
 * One module, though long: both passes are one algorithm on the same working arrays.
 */

import { type Targets, targetsIn } from "../network/graph.ts";
import type { Network, Population } from "../network/network.ts";
import { decay } from "../neuron/decay.ts";
import { type AdjointPass, exactAdjoint, type SpikeTimeline, type StageAdjoint } from "./exact-adjoint.ts";

const { CONSTANTS, LEAK_RATE, EXC_RATE, INH_RATE, THRESHOLD, RESET, CLASS, FLOW, spikeTimeline, writeFlow } =
  exactAdjoint;

// Back, spike after spike -----------------------------------------------------------------------------------

/**
 * State of a neuron: p_V, p_E, p_I, the time they hold for; the times of its next event backwards (−Infinity:
 * none), of the next end of its refractory time and its next sample; and q.
 */
const STATE = 8;
const MEMBRANE = 0;
const EXC = 1;
const INH = 2;
const TIME = 3;
const NEXT = 4;
const REFRACTORY_END = 5;
const SAMPLE = 6;
const END_ADJOINT = 7;

/** `floor`: smallest slope at a spike, in thresholds per τ_m. */
export function createRecurrentAdjoint(
  network: Network,
  populations: readonly Population[],
  constants: Float64Array,
  floor: number,
): StageAdjoint {
  const { neurons } = network;
  const targets = targetsIn(network, populations);
  const slopes = createRecurrentSlopes(network, targets, constants);
  const state = new Float64Array(STATE * neurons);
  /** Whether p of the neuron may differ from zero; whether it is between a spike and the end of its refractory time. */
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
    state[at + NEXT] = Math.max(state[at + REFRACTORY_END]!, state[at + SAMPLE]!);
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

  /** Before (earlier than) the present time the neuron is free back to the end of the refractory time of `spike`, or within that time. */
  const expectSpike = (neuron: number, spike: number, timeline: SpikeTimeline): void => {
    const at = neuron * STATE;
    const refractoryEnd = spike === -1 ? Number.NEGATIVE_INFINITY : timeline.refractoryEnd[spike]!;
    spikeOf[neuron] = spike;
    held[neuron] = refractoryEnd > state[at + TIME]! ? 1 : 0;
    state[at + END_ADJOINT] = 0;
    state[at + REFRACTORY_END] = held[neuron] === 1 ? Number.NEGATIVE_INFINITY : refractoryEnd;
    updateNext(at);
  };

  /** Takes the samples and ends of refractory times of the neuron until none is later than `time`; `time` itself for an own spike. */
  const catchUp = (neuron: number, own: boolean, pass: AdjointPass): void => {
    const at = neuron * STATE;
    const time = clock[0]!;
    while (state[at + NEXT]! > time || (own && state[at + NEXT]! === time)) {
      clock[0] = state[at + NEXT]!;
      move(neuron);
      if (clock[0] === state[at + REFRACTORY_END]!) {
        state[at + END_ADJOINT] = slopes.after[spikeOf[neuron]!]! * state[at + MEMBRANE]!;
        state[at + MEMBRANE] = 0;
        state[at + REFRACTORY_END] = Number.NEGATIVE_INFINITY;
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
  const arrive = (
    source: number,
    spike: number,
    spikeTimeGradient: Float64Array,
    pass: AdjointPass,
  ): void => {
    const { weights, gradient } = pass;
    const { first, row, from, to } = targets as Targets;
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
        spikeTimeGradient[spike] =
          spikeTimeGradient[spike]! + weight * (constants[place + EXC_RATE + slot]! * adjoint - leak);
      }
    }
  };

  /** The jump of the neuron's p_V at its own spike, which is at the clock. */
  const jump = (
    neuron: number,
    spike: number,
    spikeTimeGradient: Float64Array,
    { counts }: AdjointPass,
  ): void => {
    const at = neuron * STATE;
    const change = state[at + END_ADJOINT]! - spikeTimeGradient[spike]!;
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
      const timeline = spikeTimeline(pass.capacity);
      const { count, inputs, previous, spikeTimeGradient } = timeline;
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
          arrive(source[input]!, -1, spikeTimeGradient, pass);
        }
        clock[0] = time;
        const latest = spike;
        for (; spike >= 0 && spikeTime[spike] === time; spike--) {
          arrive(network.inputs + index[spike]!, spike, spikeTimeGradient, pass);
        }
        for (let own = latest; own > spike; own--) {
          const neuron = index[own]!;
          if (targets.member[neuron] === 0) continue;
          catchUp(neuron, true, pass);
          move(neuron);
          jump(neuron, own, spikeTimeGradient, pass);
          expectSpike(neuron, previous[own]!, timeline);
        }
      }
      for (; input >= 0; input--) {
        clock[0] = inputTime[input]!;
        arrive(source[input]!, -1, spikeTimeGradient, pass);
      }
    },
  };
}

// Slopes at the spikes --------------------------------------------------------------------------------------

interface RecurrentSlopes {
  /** [spike of the timeline] V̇ before it and after its refractory time, model units per µs. */
  before: Float64Array;
  after: Float64Array;
  /** Overwrites both slopes of the spikes of the group's neurons. */
  run(pass: AdjointPass, timeline: SpikeTimeline): void;
}

/** State of a neuron: I_e, I_i, the time they hold for, and the next end of its refractory time (Infinity: none). */
const CURRENT_STATE = 4;
const CURRENT_EXC = 0;
const CURRENT_INH = 1;
const CURRENT_TIME = 2;
const CURRENT_END = 3;

function createRecurrentSlopes(network: Network, targets: Targets, constants: Float64Array): RecurrentSlopes {
  const { neurons, inputs: inputCount } = network;
  const { populations, member } = targets;
  const state = new Float64Array(CURRENT_STATE * neurons);
  /** The spike whose refractory time ends next. */
  const held = new Int32Array(neurons);
  /** Last spike whose slope is still to be found, −1 when all are. */
  const lastOf = new Int32Array(neurons);
  /** The time to move to; the last time span, its class of neurons and decays, which equal neurons share. */
  const clock = new Float64Array(1);
  const waited = new Float64Array(4);

  const move = (neuron: number): void => {
    const at = neuron * CURRENT_STATE;
    const s = clock[0]! - state[at + CURRENT_TIME]!;
    state[at + CURRENT_TIME] = clock[0]!;
    if (s === 0) return;
    const place = neuron * CONSTANTS;
    if (waited[0] !== s || waited[1] !== constants[place + CLASS]) {
      const b = constants[place + EXC_RATE]!;
      const c = constants[place + INH_RATE]!;
      waited[0] = s;
      waited[1] = constants[place + CLASS]!;
      waited[2] = decay(b * s);
      waited[3] = b === c ? waited[2]! : decay(c * s);
    }
    state[at + CURRENT_EXC] = state[at + CURRENT_EXC]! * waited[2]!;
    state[at + CURRENT_INH] = state[at + CURRENT_INH]! * waited[3]!;
  };

  /** I(now) − `potential`, divided by τ_m. */
  const slope = (neuron: number, potential: number): number => {
    const at = neuron * CURRENT_STATE;
    const place = neuron * CONSTANTS;
    const current = state[at + CURRENT_EXC]! + state[at + CURRENT_INH]!;
    return constants[place + LEAK_RATE]! * (current - constants[place + potential]!);
  };

  const noteRefractoryEnd = (neuron: number): void => {
    const at = neuron * CURRENT_STATE;
    const time = clock[0]!;
    clock[0] = state[at + CURRENT_END]!;
    move(neuron);
    slopes.after[held[neuron]!] = slope(neuron, RESET);
    state[at + CURRENT_END] = Number.POSITIVE_INFINITY;
    clock[0] = time;
  };

  const deliver = (source: number, weights: Float64Array): void => {
    const { first, row, from, to } = targets;
    for (let entry = first[source]!; entry < first[source + 1]!; entry++) {
      let at = row[entry]!;
      for (let neuron = from[entry]!; neuron < to[entry]!; neuron++, at++) {
        const own = neuron * CURRENT_STATE;
        const refractoryEnd = state[own + CURRENT_END]!;
        if (lastOf[neuron] === -1 && refractoryEnd === Number.POSITIVE_INFINITY) continue;
        if (refractoryEnd <= clock[0]!) noteRefractoryEnd(neuron);
        move(neuron);
        const weight = weights[at]!;
        const slot = weight >= 0 ? own + CURRENT_EXC : own + CURRENT_INH;
        state[slot] = state[slot]! + weight;
      }
    }
  };

  const begin = ({ last }: SpikeTimeline): void => {
    waited[0] = 0;
    for (const { start, size } of populations) {
      for (let neuron = start; neuron < start + size; neuron++) {
        const at = neuron * CURRENT_STATE;
        state.fill(0, at, at + CURRENT_STATE);
        state[at + CURRENT_END] = Number.POSITIVE_INFINITY;
        lastOf[neuron] = last[neuron]!;
      }
    }
  };

  const run = ({ observation, weights }: AdjointPass, timeline: SpikeTimeline): void => {
    const { count, inputs, refractoryEnd, horizon } = timeline;
    const { time: spikeTime, index } = observation.spikes;
    const { time: inputTime, index: source } = observation.inputs;
    if (slopes.before.length < count) {
      slopes.before = new Float64Array(2 * count);
      slopes.after = new Float64Array(2 * count);
    }
    begin(timeline);
    let input = 0;
    let spike = 0;
    while (spike < count) {
      const time = spikeTime[spike]!;
      for (; input < inputs && inputTime[input]! < time; input++) {
        clock[0] = inputTime[input]!;
        deliver(source[input]!, weights);
      }
      clock[0] = time;
      const from = spike;
      for (; spike < count && spikeTime[spike] === time; spike++) {
        const neuron = index[spike]!;
        if (member[neuron] === 0) continue;
        const at = neuron * CURRENT_STATE;
        if (state[at + CURRENT_END]! <= time) noteRefractoryEnd(neuron);
        move(neuron);
        slopes.before[spike] = slope(neuron, THRESHOLD);
        slopes.after[spike] = 0;
        held[neuron] = spike;
        if (refractoryEnd[spike]! <= horizon) state[at + CURRENT_END] = refractoryEnd[spike]!;
        if (lastOf[neuron] === spike) lastOf[neuron] = -1;
      }
      for (let arriving = from; arriving < spike; arriving++) deliver(inputCount + index[arriving]!, weights);
    }
    for (; input < inputs; input++) {
      clock[0] = inputTime[input]!;
      deliver(source[input]!, weights);
    }
    for (const { start, size } of populations) {
      for (let neuron = start; neuron < start + size; neuron++) {
        if (state[neuron * CURRENT_STATE + CURRENT_END]! <= horizon) noteRefractoryEnd(neuron);
      }
    }
  };
  const slopes: RecurrentSlopes = { before: new Float64Array(256), after: new Float64Array(256), run };
  return slopes;
}
