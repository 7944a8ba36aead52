/**
 * Slopes of membranes at their own spikes in populations that act on each other (the same quantities as in
 * layer-neurons.ts): event after event in ascending time, each current moved only when something happens at its
 * neuron.
 */

import type { Network } from "../network/network.ts";
import { decay } from "../neuron/decay.ts";
import { CLASS, CONSTANTS, EXC_RATE, INH_RATE, LEAK_RATE, RESET, THRESHOLD } from "./adjoint-constants.ts";
import type { AdjointPass } from "./adjoint-pass.ts";
import type { SpikeTimeline } from "./spike-timeline.ts";
import type { StageTargets } from "./stage-targets.ts";

export interface RecurrentSlopes {
  /** [spike of the timeline] V̇ before it and after its release, model units per µs. */
  before: Float64Array;
  after: Float64Array;
  /** Overwrites both slopes of the spikes of the group's neurons. */
  run(pass: AdjointPass, timeline: SpikeTimeline): void;
}

/** State of a neuron: I_e, I_i, the time they hold for, and the release to note next (Infinity: none). */
const STATE = 4;
const EXC = 0;
const INH = 1;
const TIME = 2;
const RELEASE = 3;

export function createRecurrentSlopes(
  network: Network,
  targets: StageTargets,
  constants: Float64Array,
): RecurrentSlopes {
  const { neurons, inputs: inputCount } = network;
  const { populations, member } = targets;
  const state = new Float64Array(STATE * neurons);
  /** The last spike before a release. */
  const held = new Int32Array(neurons);
  /** Last spike whose slope is still to be found, −1 when all are. */
  const lastOf = new Int32Array(neurons);
  /** The time to move to; the last wait, its class of neurons and decays, which equal neurons share. */
  const clock = new Float64Array(1);
  const waited = new Float64Array(4);

  const move = (neuron: number): void => {
    const at = neuron * STATE;
    const s = clock[0]! - state[at + TIME]!;
    state[at + TIME] = clock[0]!;
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
    state[at + EXC] = state[at + EXC]! * waited[2]!;
    state[at + INH] = state[at + INH]! * waited[3]!;
  };

  /** I(now) − `potential`, divided by τ_m. */
  const slope = (neuron: number, potential: number): number => {
    const at = neuron * STATE;
    const place = neuron * CONSTANTS;
    const current = state[at + EXC]! + state[at + INH]!;
    return constants[place + LEAK_RATE]! * (current - constants[place + potential]!);
  };

  const noteRelease = (neuron: number): void => {
    const at = neuron * STATE;
    const time = clock[0]!;
    clock[0] = state[at + RELEASE]!;
    move(neuron);
    slopes.after[held[neuron]!] = slope(neuron, RESET);
    state[at + RELEASE] = Number.POSITIVE_INFINITY;
    clock[0] = time;
  };

  const deliver = (source: number, weights: Float64Array): void => {
    const { first, row, from, to } = targets;
    for (let entry = first[source]!; entry < first[source + 1]!; entry++) {
      let at = row[entry]!;
      for (let neuron = from[entry]!; neuron < to[entry]!; neuron++, at++) {
        const own = neuron * STATE;
        const release = state[own + RELEASE]!;
        if (lastOf[neuron] === -1 && release === Number.POSITIVE_INFINITY) continue;
        if (release <= clock[0]!) noteRelease(neuron);
        move(neuron);
        const weight = weights[at]!;
        const slot = weight >= 0 ? own + EXC : own + INH;
        state[slot] = state[slot]! + weight;
      }
    }
  };

  const begin = ({ last }: SpikeTimeline): void => {
    waited[0] = 0;
    for (const { start, size } of populations) {
      for (let neuron = start; neuron < start + size; neuron++) {
        const at = neuron * STATE;
        state.fill(0, at, at + STATE);
        state[at + RELEASE] = Number.POSITIVE_INFINITY;
        lastOf[neuron] = last[neuron]!;
      }
    }
  };

  const run = ({ observation, weights }: AdjointPass, timeline: SpikeTimeline): void => {
    const { count, inputs, release, horizon } = timeline;
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
        const at = neuron * STATE;
        if (state[at + RELEASE]! <= time) noteRelease(neuron);
        move(neuron);
        slopes.before[spike] = slope(neuron, THRESHOLD);
        slopes.after[spike] = 0;
        held[neuron] = spike;
        if (release[spike]! <= horizon) state[at + RELEASE] = release[spike]!;
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
        if (state[neuron * STATE + RELEASE]! <= horizon) noteRelease(neuron);
      }
    }
  };
  const slopes: RecurrentSlopes = { before: new Float64Array(256), after: new Float64Array(256), run };
  return slopes;
}
