/**
 * Slopes of the membranes at their own spikes, from observed spikes alone: the synaptic currents, which nobody
 * observes, are run again with the network's constants.
 *
 *     before(k) = V̇(t_k⁻) = (I(t_k⁻) − ϑ)/τ_m          after(k) = V̇(release⁺) = (I(release⁺) − V_r)/τ_m
 *
 * with I = I_e + I_i. First station of the exact adjoint; event by event in ascending time, each current moved
 * only when something happens at its neuron. Arrivals at exactly the time of a spike come after it.
 */

import { decay } from "../../model/decay.ts";
import type { Network } from "../../network/network.ts";
import type { Observation } from "../../network/observation.ts";
import {
  CLASS,
  STRIDE as CONSTANTS,
  EXC_RATE,
  INH_RATE,
  LEAK_RATE,
  RESET,
  THRESHOLD,
} from "./adjoint-constants.ts";
import type { FanOut, Outgoing } from "./fan-out.ts";
import type { SpikeTimeline } from "./spike-timeline.ts";

export interface SpikeSlopes {
  /** [spike] 1/µs times the unit of potentials. `after` is 0 where the release is beyond the horizon. */
  before: Float64Array;
  after: Float64Array;
  /** Overwrites both for the spikes of `timeline`. */
  run(observation: Observation, weights: Float64Array, timeline: SpikeTimeline): void;
}

/** State of a neuron: I_e, I_i, the time they hold for, and the next release to note (Infinity: none). */
const STRIDE = 4;
const EXC = 0;
const INH = 1;
const TIME = 2;
const RELEASE = 3;

export function createSpikeSlopes(network: Network, constants: Float64Array, fan: FanOut): SpikeSlopes {
  const { neurons, populations } = network;
  const { outgoing, populationOf } = fan;
  const state = new Float64Array(STRIDE * neurons);
  /** Spike that waits for its release. */
  const held = new Int32Array(neurons);
  /** Spiking neurons by population: population p has entries start … start + spiking[p] − 1. */
  const spiking = populations.map(() => 0);
  const members = new Int32Array(neurons);
  /** Spikes of each neuron whose slope is still to be found. */
  const left = new Int32Array(neurons);
  // Neurons that waited for the same time with the same constants share their decays.
  const shared = new Float64Array(4);

  const move = (neuron: number, time: number): void => {
    const at = neuron * STRIDE;
    const s = time - state[at + TIME]!;
    if (s === 0) return;
    const c = neuron * CONSTANTS;
    if (shared[0] !== s || shared[1] !== constants[c + CLASS]) {
      const b = constants[c + EXC_RATE]!;
      const rate = constants[c + INH_RATE]!;
      const exc = decay(b * s);
      shared[0] = s;
      shared[1] = constants[c + CLASS]!;
      shared[2] = exc;
      shared[3] = rate === b ? exc : decay(rate * s);
    }
    state[at + EXC] = state[at + EXC]! * shared[2]!;
    state[at + INH] = state[at + INH]! * shared[3]!;
    state[at + TIME] = time;
  };

  const noteRelease = (neuron: number, after: Float64Array): void => {
    const at = neuron * STRIDE;
    move(neuron, state[at + RELEASE]!);
    const c = neuron * CONSTANTS;
    const current = state[at + EXC]! + state[at + INH]!;
    after[held[neuron]!] = constants[c + LEAK_RATE]! * (current - constants[c + RESET]!);
    state[at + RELEASE] = Number.POSITIVE_INFINITY;
  };

  const deliver = (
    targets: readonly Outgoing[],
    source: number,
    time: number,
    weights: Float64Array,
    after: Float64Array,
  ): void => {
    for (let o = 0; o < targets.length; o++) {
      const { population, base, stride } = targets[o]!;
      const row = base + source * stride;
      const from = populations[population]!.start;
      const to = from + spiking[population]!;
      for (let i = from; i < to; i++) {
        const target = members[i]!;
        const at = target * STRIDE;
        const pending = state[at + RELEASE]!;
        if (left[target] === 0 && pending === Number.POSITIVE_INFINITY) continue;
        if (pending <= time) noteRelease(target, after);
        move(target, time);
        const weight = weights[row + target]!;
        const slot = weight >= 0 ? at + EXC : at + INH;
        state[slot] = state[slot]! + weight;
      }
    }
  };

  const begin = (timeline: SpikeTimeline): void => {
    left.set(timeline.spikes);
    populations.forEach(({ start, size }, p) => {
      let found = start;
      for (let neuron = start; neuron < start + size; neuron++) {
        if (left[neuron] === 0) continue;
        members[found++] = neuron;
        const at = neuron * STRIDE;
        state[at + EXC] = 0;
        state[at + INH] = 0;
        state[at + TIME] = 0;
        state[at + RELEASE] = Number.POSITIVE_INFINITY;
      }
      spiking[p] = found - start;
    });
  };

  const slopes: SpikeSlopes = {
    before: new Float64Array(256),
    after: new Float64Array(256),
    run(observation, weights, timeline) {
      const { count, inputs, release, horizon } = timeline;
      if (slopes.before.length < count) {
        slopes.before = new Float64Array(2 * count);
        slopes.after = new Float64Array(2 * count);
      }
      const { before, after } = slopes;
      const { time: spikeTime, index } = observation.spikes;
      const { time: inputTime, index: source } = observation.inputs;
      begin(timeline);
      let input = 0;
      for (let spike = 0; spike < count; spike++) {
        const time = spikeTime[spike]!;
        while (input < inputs && inputTime[input]! < time) {
          deliver(outgoing[0]!, source[input]!, inputTime[input]!, weights, after);
          input++;
        }
        const neuron = index[spike]!;
        const at = neuron * STRIDE;
        if (state[at + RELEASE]! <= time) noteRelease(neuron, after);
        move(neuron, time);
        const c = neuron * CONSTANTS;
        const current = state[at + EXC]! + state[at + INH]!;
        before[spike] = constants[c + LEAK_RATE]! * (current - constants[c + THRESHOLD]!);
        after[spike] = 0;
        deliver(outgoing[1 + populationOf[neuron]!]!, neuron, time, weights, after);
        // Only now, so that a spike that reaches its own neuron is part of the current at the release.
        left[neuron] = left[neuron]! - 1;
        if (release[spike]! <= horizon) {
          state[at + RELEASE] = release[spike]!;
          held[neuron] = spike;
        }
      }
      for (; input < inputs; input++) {
        deliver(outgoing[0]!, source[input]!, inputTime[input]!, weights, after);
      }
      for (let p = 0; p < populations.length; p++) {
        const from = populations[p]!.start;
        for (let i = from; i < from + spiking[p]!; i++) {
          const neuron = members[i]!;
          if (state[neuron * STRIDE + RELEASE]! <= horizon) noteRelease(neuron, after);
        }
      }
    },
  };
  return slopes;
}
