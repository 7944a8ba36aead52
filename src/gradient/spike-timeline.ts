/**
 * Which observed spikes can matter for a cotangent, and how the spikes of a neuron follow each other.
 *
 * The horizon is the latest time at which anything has a cotangent; whatever happens later cannot change the
 * loss. A spike holds its neuron at reset until its release, the end of the refractory time. Observed spikes
 * may follow faster than the network's constants allow; then the next spike ends the hold.
 */

import type { Cotangent } from "../loss/types.ts";
import type { Network } from "../network/network.ts";
import type { Observation } from "../network/observation.ts";
import { workingArrays } from "./working-arrays.ts";

export interface SpikeTimeline {
  /** Latest time with a cotangent, −Infinity when there is none. */
  horizon: number;
  /** Spikes up to the horizon: entries 0 … count−1 of the observation; inputs likewise. */
  count: number;
  inputs: number;
  /** [spike] The spike before of the same neuron, and the one after; −1 where there is none. */
  readonly previous: Int32Array;
  readonly following: Int32Array;
  /** First spikes of neurons, and all others, ascending in time. */
  readonly first: Int32Array;
  readonly later: Int32Array;
  firstCount: number;
  laterCount: number;
  /** [spike] End of the refractory time, or the next spike of the same neuron when that is earlier. */
  readonly release: Float64Array;
  /** [spike] ∂L/∂t so far; written for sources of each stage in turn. */
  readonly moved: Float64Array;
  /** Entries of the observation's samples that have a cotangent, ascending. */
  readonly pulled: Int32Array;
  pulledCount: number;
  /** Number of spikes up to the last one with a cotangent of its own. */
  pulledSpikes: number;
  /** [neuron] Its last spike up to the horizon, −1 without one. */
  readonly last: Int32Array;
}

export const spikeTimeline = workingArrays(
  (room): SpikeTimeline => ({
    horizon: Number.NEGATIVE_INFINITY,
    count: 0,
    inputs: 0,
    previous: new Int32Array(room),
    following: new Int32Array(room),
    first: new Int32Array(room),
    later: new Int32Array(room),
    firstCount: 0,
    laterCount: 0,
    release: new Float64Array(room),
    moved: new Float64Array(room),
    pulled: new Int32Array(room),
    pulledCount: 0,
    pulledSpikes: 0,
    last: new Int32Array(room),
  }),
);

/** Overwrites the timeline that has the room with that of `observation`. */
export function readTimeline(
  network: Network,
  observation: Observation,
  cotangent: Cotangent,
  room: number,
): void {
  const { refractory } = network.constants;
  const { count: spikes, time: times, index } = observation.spikes;
  const timeline = spikeTimeline(room);
  const { previous, following, first, later, release, last } = timeline;
  const horizon = findPulled(observation, cotangent, room);
  last.fill(-1, 0, network.neurons);
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
function findPulled({ spikes, voltages }: Observation, { spike, voltage }: Cotangent, room: number): number {
  const timeline = spikeTimeline(room);
  const { count, time } = voltages;
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
