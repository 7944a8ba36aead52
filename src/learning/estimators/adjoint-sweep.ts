/**
 * The exact adjoint: from a cotangent backwards through the observed spikes to the weights.
 *
 * For each neuron p_V = ∂L/∂V, p_E = ∂L/∂I_e, p_I = ∂L/∂I_i, backwards in time (s = −t, rates a, b, c):
 *
 *     dp_V/ds = −a p_V      dp_E/ds = −b p_E + a p_V      dp_I/ds = −c p_I + a p_V
 *     at a sample           p_V += ∂L/∂V
 *     at a release          q = V̇(release⁺) p_V,  p_V = 0 until the spike
 *     at an own spike       p_V = (q − D) / V̇(t⁻)
 *     D = ∂L/∂t + Σ_j w_j (b p_E − a p_V)_j     over targets j; (c p_I − a p_V) where w_j < 0
 *     ∂L/∂w = p_E at the arrival, p_I where w < 0
 *
 * T. Wunderlich, C. Pehle (2021), arXiv 2009.08378; C. Pehle et al. (2023), arXiv 2302.07141; in this notation,
 * with refractory time and times moved by arrivals, in docs/method.md. Closed form between events, so the cost
 * is (spikes × their targets); nothing is computed where p is zero.
 *
 * Spikes couple neurons and go in descending time; samples and releases concern one neuron and are caught up
 * with when that neuron is next looked at. A sample at exactly the time of an arrival lies before it.
 */

import { decay } from "../../model/decay.ts";
import type { Network } from "../../network/network.ts";
import type { Observation } from "../../network/observation.ts";
import type { Cotangent, GradientCounts } from "../types.ts";
import {
  CLASS,
  STRIDE as CONSTANTS,
  EXC_FACTOR,
  EXC_RATE,
  INH_FACTOR,
  INH_RATE,
  LEAK_RATE,
} from "./adjoint-constants.ts";
import type { FanOut, Outgoing } from "./fan-out.ts";
import type { SpikeSlopes } from "./spike-slopes.ts";
import type { SpikeTimeline } from "./spike-timeline.ts";

export interface AdjointSweep {
  /**
   * Adds ∂L/∂w to `gradient`. `moved[spike]` is ∂L/∂t of the spikes of `timeline`; slopes below
   * `floor` · a are raised to it and counted.
   */
  run(
    observation: Observation,
    weights: Float64Array,
    timeline: SpikeTimeline,
    slopes: SpikeSlopes,
    moved: Float64Array,
    cotangent: Cotangent,
    gradient: Float64Array,
    counts: GradientCounts,
  ): void;
}

/**
 * State of a neuron: p_V, p_E, p_I, the time they hold for, the time of its next own event backwards (release or
 * sample, −Infinity: none), the next release, the next sample, and q.
 */
const STRIDE = 8;
const MEMBRANE = 0;
const EXC = 1;
const INH = 2;
const TIME = 3;
const NEXT = 4;
const RELEASE = 5;
const SAMPLE = 6;
const RELEASED = 7;

/** Below this |r − a|·s the response comes from its series; its ninth term is below rounding there. */
const SERIES = 1 / 16;

export function createAdjointSweep(
  network: Network,
  constants: Float64Array,
  fan: FanOut,
  floor: number,
): AdjointSweep {
  const { neurons, populations } = network;
  const { outgoing, populationOf } = fan;
  const state = new Float64Array(STRIDE * neurons);
  /** Whether p of the neuron may differ from zero. */
  const reached = new Uint8Array(neurons);
  /** Whether the neuron is between a spike and its release. */
  const held = new Uint8Array(neurons);
  /** Latest spike that the sweep has not passed; next sample to take; first sample of the neuron. */
  const spikeOf = new Int32Array(neurons);
  const sampleOf = new Int32Array(neurons);
  const firstSample = new Int32Array(neurons);
  /** Neurons with spikes or samples, by population: p has entries start … start + concerned[p] − 1. */
  const concerned = populations.map(() => 0);
  const members = new Int32Array(neurons);
  /** Time and class of the last flow, then e^{−as}, e^{−bs}, K_b, e^{−cs}, K_c. */
  const flow = new Float64Array(8);

  const writeFlow = (c: number, s: number): void => {
    const a = constants[c + LEAK_RATE]!;
    const b = constants[c + EXC_RATE]!;
    const leak = decay(a * s);
    flow[0] = s;
    flow[1] = constants[c + CLASS]!;
    flow[2] = leak;
    const x = (b - a) * s;
    if (x < SERIES && x > -SERIES) {
      const share = s * shareOf(x);
      flow[3] = leak - leak * share * (b - a);
      flow[4] = a * leak * share;
    } else {
      const exc = decay(b * s);
      flow[3] = exc;
      flow[4] = constants[c + EXC_FACTOR]! * (leak - exc);
    }
    const rate = constants[c + INH_RATE]!;
    const y = (rate - a) * s;
    if (rate === b) {
      flow[5] = flow[3];
      flow[6] = flow[4];
    } else if (y < SERIES && y > -SERIES) {
      const share = s * shareOf(y);
      flow[5] = leak - leak * share * (rate - a);
      flow[6] = a * leak * share;
    } else {
      const inh = decay(rate * s);
      flow[5] = inh;
      flow[6] = constants[c + INH_FACTOR]! * (leak - inh);
    }
  };

  /** Moves p back to `time` when nothing happens at the neuron in between. */
  const move = (neuron: number, time: number): void => {
    const at = neuron * STRIDE;
    const s = state[at + TIME]! - time;
    state[at + TIME] = time;
    if (s === 0) return;
    const c = neuron * CONSTANTS;
    if (flow[0] !== s || flow[1] !== constants[c + CLASS]) writeFlow(c, s);
    const membrane = state[at + MEMBRANE]!;
    state[at + MEMBRANE] = membrane * flow[2]!;
    state[at + EXC] = state[at + EXC]! * flow[3]! + membrane * flow[4]!;
    state[at + INH] = state[at + INH]! * flow[5]! + membrane * flow[6]!;
  };

  /** Takes the samples and releases of the neuron that are later than `time` (or at it, for an own spike). */
  const catchUp = (
    neuron: number,
    time: number,
    own: boolean,
    observation: Observation,
    slopes: SpikeSlopes,
    cotangent: Cotangent,
  ): void => {
    const at = neuron * STRIDE;
    while (state[at + NEXT]! > time || (own && state[at + NEXT]! === time)) {
      const next = state[at + NEXT]!;
      move(neuron, next);
      if (next === state[at + RELEASE]!) {
        state[at + RELEASED] = slopes.after[spikeOf[neuron]!]! * state[at + MEMBRANE]!;
        state[at + MEMBRANE] = 0;
        state[at + RELEASE] = Number.NEGATIVE_INFINITY;
        held[neuron] = 1;
      } else {
        const sample = sampleOf[neuron]!;
        if (held[neuron] === 0) {
          state[at + MEMBRANE] = state[at + MEMBRANE]! + cotangent.voltage[sample]!;
          reached[neuron] = 1;
        }
        nextSample(neuron, sample - 1, observation, cotangent);
      }
      state[at + NEXT] = Math.max(state[at + RELEASE]!, state[at + SAMPLE]!);
    }
  };

  const nextSample = (neuron: number, from: number, observation: Observation, cotangent: Cotangent): void => {
    let sample = from;
    while (sample >= firstSample[neuron]! && cotangent.voltage[sample] === 0) sample--;
    sampleOf[neuron] = sample;
    state[neuron * STRIDE + SAMPLE] =
      sample >= firstSample[neuron]! ? observation.voltages.time[sample]! : Number.NEGATIVE_INFINITY;
  };

  /** The neuron is free before its spike; the spike before that holds it until its own release. */
  const expectSpike = (neuron: number, spike: number, timeline: SpikeTimeline): void => {
    const at = neuron * STRIDE;
    spikeOf[neuron] = spike;
    const release = spike === -1 ? Number.NEGATIVE_INFINITY : timeline.release[spike]!;
    held[neuron] = release > state[at + TIME]! ? 1 : 0;
    state[at + RELEASED] = 0;
    state[at + RELEASE] = held[neuron] === 1 ? Number.NEGATIVE_INFINITY : release;
    state[at + NEXT] = Math.max(state[at + RELEASE]!, state[at + SAMPLE]!);
  };

  const begin = (observation: Observation, timeline: SpikeTimeline, cotangent: Cotangent): void => {
    const { neuron: sampled, count } = observation.voltages;
    state.fill(0);
    reached.fill(0);
    flow[0] = 0;
    let entry = 0;
    for (let p = 0; p < populations.length; p++) {
      const { start, size } = populations[p]!;
      let found = start;
      for (let neuron = start; neuron < start + size; neuron++) {
        while (entry < count && sampled[entry]! < neuron) entry++;
        firstSample[neuron] = entry;
        while (entry < count && sampled[entry] === neuron) entry++;
        state[neuron * STRIDE + TIME] = timeline.horizon;
        nextSample(neuron, entry - 1, observation, cotangent);
        expectSpike(neuron, timeline.last[neuron]!, timeline);
        if (timeline.last[neuron] !== -1 || sampleOf[neuron]! >= firstSample[neuron]!)
          members[found++] = neuron;
      }
      concerned[p] = found - start;
    }
  };

  /** Σ over the targets of one event: writes their part of the gradient, returns Σ w (r p − a p_V). */
  const arrive = (
    targets: readonly Outgoing[],
    source: number,
    time: number,
    observation: Observation,
    weights: Float64Array,
    slopes: SpikeSlopes,
    cotangent: Cotangent,
    gradient: Float64Array,
  ): number => {
    let sum = 0;
    for (let o = 0; o < targets.length; o++) {
      const { population, base, stride } = targets[o]!;
      const row = base + source * stride;
      const from = populations[population]!.start;
      const to = from + concerned[population]!;
      for (let i = from; i < to; i++) {
        const target = members[i]!;
        const at = target * STRIDE;
        if (state[at + NEXT]! > time) catchUp(target, time, false, observation, slopes, cotangent);
        if (reached[target] === 0) continue;
        move(target, time);
        const c = target * CONSTANTS;
        const weight = weights[row + target]!;
        const leak = constants[c + LEAK_RATE]! * state[at + MEMBRANE]!;
        if (weight >= 0) {
          const exc = state[at + EXC]!;
          gradient[row + target] = gradient[row + target]! + exc;
          sum += weight * (constants[c + EXC_RATE]! * exc - leak);
        } else {
          const inh = state[at + INH]!;
          gradient[row + target] = gradient[row + target]! + inh;
          sum += weight * (constants[c + INH_RATE]! * inh - leak);
        }
      }
    }
    return sum;
  };

  return {
    run(observation, weights, timeline, slopes, moved, cotangent, gradient, counts) {
      begin(observation, timeline, cotangent);
      const { time: spikeTime, index } = observation.spikes;
      const { time: inputTime, index: source } = observation.inputs;
      const { previous } = timeline;
      let input = timeline.inputs - 1;
      for (let spike = timeline.count - 1; spike >= 0; spike--) {
        const time = spikeTime[spike]!;
        for (; input >= 0 && inputTime[input]! >= time; input--) {
          const at = inputTime[input]!;
          arrive(outgoing[0]!, source[input]!, at, observation, weights, slopes, cotangent, gradient);
        }
        const neuron = index[spike]!;
        const at = neuron * STRIDE;
        if (state[at + NEXT]! >= time) catchUp(neuron, time, true, observation, slopes, cotangent);
        move(neuron, time);
        const targets = outgoing[1 + populationOf[neuron]!]!;
        const arrived = arrive(targets, neuron, time, observation, weights, slopes, cotangent, gradient);
        const numerator = state[at + RELEASED]! - moved[spike]! - arrived;
        if (numerator !== 0) {
          const lowest = floor * constants[neuron * CONSTANTS + LEAK_RATE]!;
          const slope = slopes.before[spike]!;
          const capped = !(slope > 0 && slope >= lowest);
          counts.spikes++;
          if (capped) counts.cappedJumps++;
          reached[neuron] = 1;
          state[at + MEMBRANE] = capped ? (lowest > 0 ? numerator / lowest : 0) : numerator / slope;
        } else {
          state[at + MEMBRANE] = 0;
        }
        expectSpike(neuron, previous[spike]!, timeline);
      }
      for (; input >= 0; input--) {
        const at = inputTime[input]!;
        arrive(outgoing[0]!, source[input]!, at, observation, weights, slopes, cotangent, gradient);
      }
    },
  };
}

/** (1 − e^{−x})/x for |x| ≤ 1/16: Taylor series to x⁷. */
function shareOf(x: number): number {
  return (
    1 -
    x *
      (1 / 2 - x * (1 / 6 - x * (1 / 24 - x * (1 / 120 - x * (1 / 720 - x * (1 / 5040 - x * (1 / 40320)))))))
  );
}
