/**
 * Which observed spikes can matter for a cotangent, and how the spikes of a neuron follow each other.
 *
 * The horizon is the latest time at which anything has a cotangent; whatever happens later cannot change the
 * loss. A spike holds its neuron at reset until its release, the end of the refractory time. Observed spikes
 * may follow faster than the network's constants allow; then the next spike ends the hold.
 */

import type { Network } from "../../network/network.ts";
import type { Observation } from "../../network/observation.ts";
import type { Cotangent } from "../types.ts";

export interface SpikeTimeline {
  /** Latest time with a cotangent, −Infinity when there is none. */
  horizon: number;
  /** Spikes up to the horizon: entries 0 … count−1 of the observation; inputs likewise. */
  count: number;
  inputs: number;
  /** [spike] The spike before of the same neuron, and the one after; −1 where there is none. */
  previous: Int32Array;
  following: Int32Array;
  /** First spikes of neurons, and all others, ascending in time. */
  first: Int32Array;
  later: Int32Array;
  firstCount: number;
  laterCount: number;
  /** [spike] End of the refractory time, or the next spike of the same neuron when that is earlier. */
  release: Float64Array;
  /** Entries of the observation's samples that have a cotangent, ascending. */
  pulled: Int32Array;
  pulledCount: number;
  /** Number of spikes up to the last one with a cotangent of its own. */
  pulledSpikes: number;
  /** [neuron] Its last spike up to the horizon, −1 without one. */
  readonly last: Int32Array;
}

export function spikeTimeline(network: Network): SpikeTimeline {
  return {
    horizon: Number.NEGATIVE_INFINITY,
    count: 0,
    inputs: 0,
    previous: new Int32Array(256),
    following: new Int32Array(256),
    first: new Int32Array(network.neurons),
    later: new Int32Array(256),
    firstCount: 0,
    laterCount: 0,
    release: new Float64Array(256),
    pulled: new Int32Array(256),
    pulledCount: 0,
    pulledSpikes: 0,
    last: new Int32Array(network.neurons),
  };
}

/** Overwrites `timeline` with that of `observation`. */
export function readTimeline(
  network: Network,
  observation: Observation,
  cotangent: Cotangent,
  timeline: SpikeTimeline,
): void {
  const { refractory } = network.constants;
  const { count: spikes, time: times, index } = observation.spikes;
  const { last } = timeline;
  if (timeline.previous.length < spikes) {
    timeline.previous = new Int32Array(2 * spikes);
    timeline.following = new Int32Array(2 * spikes);
    timeline.later = new Int32Array(2 * spikes);
    timeline.release = new Float64Array(2 * spikes);
  }
  const { previous, following, first, later, release } = timeline;
  const horizon = findPulled(observation, cotangent, timeline);
  last.fill(-1);
  let count = 0;
  let firstCount = 0;
  let laterCount = 0;
  for (; count < spikes; count++) {
    const time = times[count]!;
    if (time > horizon) break;
    const neuron = index[count]!;
    const before = last[neuron]!;
    if (before === -1) {
      first[firstCount] = count;
      firstCount++;
    } else {
      later[laterCount] = count;
      laterCount++;
      following[before] = count;
      if (release[before]! > time) release[before] = time;
    }
    previous[count] = before;
    following[count] = -1;
    release[count] = time + refractory[neuron]!;
    last[neuron] = count;
  }
  let inputs = 0;
  while (inputs < observation.inputs.count && observation.inputs.time[inputs]! <= horizon) inputs++;
  timeline.horizon = horizon;
  timeline.count = count;
  timeline.firstCount = firstCount;
  timeline.laterCount = laterCount;
  timeline.inputs = inputs;
}

/** Notes what has a cotangent; the horizon. */
function findPulled(
  { spikes, voltages }: Observation,
  { spike, voltage }: Cotangent,
  timeline: SpikeTimeline,
): number {
  const { count, time } = voltages;
  if (timeline.pulled.length < count) timeline.pulled = new Int32Array(2 * count);
  const { pulled } = timeline;
  let pulledSpikes = spikes.count;
  while (pulledSpikes > 0 && spike[pulledSpikes - 1] === 0) pulledSpikes--;
  let horizon = pulledSpikes === 0 ? Number.NEGATIVE_INFINITY : spikes.time[pulledSpikes - 1]!;
  let pulledCount = 0;
  for (let entry = 0; entry < count; entry++) {
    if (voltage[entry] === 0) continue;
    pulled[pulledCount] = entry;
    pulledCount++;
    if (time[entry]! > horizon) horizon = time[entry]!;
  }
  timeline.pulledCount = pulledCount;
  timeline.pulledSpikes = pulledSpikes;
  return horizon;
}
