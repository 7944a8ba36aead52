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
  /** Spikes up to the horizon: entries 0 … count−1 of the observation, inputs likewise. */
  count: number;
  inputs: number;
  /** [spike] The spike before of the same neuron, −1 for its first. */
  previous: Int32Array;
  /** [spike] End of the refractory time, or the next spike of the same neuron when that is earlier. */
  release: Float64Array;
  /** [neuron] Its last spike up to the horizon, −1 without one; and how many it has. */
  readonly last: Int32Array;
  readonly spikes: Int32Array;
}

export function spikeTimeline(network: Network): SpikeTimeline {
  return {
    horizon: Number.NEGATIVE_INFINITY,
    count: 0,
    inputs: 0,
    previous: new Int32Array(256),
    release: new Float64Array(256),
    last: new Int32Array(network.neurons),
    spikes: new Int32Array(network.neurons),
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
  const { spikes, inputs } = observation;
  const { last, spikes: number } = timeline;
  if (timeline.previous.length < spikes.count) {
    timeline.previous = new Int32Array(2 * spikes.count);
    timeline.release = new Float64Array(2 * spikes.count);
  }
  const { previous, release } = timeline;
  const horizon = horizonOf(observation, cotangent);
  last.fill(-1);
  number.fill(0);
  let count = 0;
  while (count < spikes.count && spikes.time[count]! <= horizon) {
    const time = spikes.time[count]!;
    const neuron = spikes.index[count]!;
    const before = last[neuron]!;
    previous[count] = before;
    release[count] = time + refractory[neuron]!;
    if (before !== -1 && release[before]! > time) release[before] = time;
    last[neuron] = count;
    number[neuron] = number[neuron]! + 1;
    count++;
  }
  let inputCount = 0;
  while (inputCount < inputs.count && inputs.time[inputCount]! <= horizon) inputCount++;
  timeline.horizon = horizon;
  timeline.count = count;
  timeline.inputs = inputCount;
}

function horizonOf({ spikes, voltages }: Observation, cotangent: Cotangent): number {
  let horizon = Number.NEGATIVE_INFINITY;
  for (let entry = spikes.count - 1; entry >= 0; entry--) {
    if (cotangent.spike[entry] !== 0) {
      horizon = spikes.time[entry]!;
      break;
    }
  }
  for (let entry = 0; entry < voltages.count; entry++) {
    if (cotangent.voltage[entry] !== 0 && voltages.time[entry]! > horizon) horizon = voltages.time[entry]!;
  }
  return horizon;
}
