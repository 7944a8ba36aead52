/** The spikes of one population, sorted by neuron: those of neuron n are time[first[n] … first[n + 1] − 1]. */

import type { Population } from "./network.ts";
import type { SpikeList } from "./observation.ts";

export interface OwnSpikes {
  readonly first: Int32Array;
  time: Float64Array;
  /** Takes the population's spikes from those of the whole network, ascending in time. */
  update(spikes: SpikeList): void;
}

export function createOwnSpikes({ start, size }: Population): OwnSpikes {
  const first = new Int32Array(size + 1);
  const next = new Int32Array(size);
  const own: OwnSpikes = {
    first,
    time: new Float64Array(0),
    update({ count, time, index }) {
      if (own.time.length < count) own.time = new Float64Array(2 * count);
      first.fill(0);
      for (let k = 0; k < count; k++) {
        const neuron = index[k]! - start;
        if (neuron >= 0 && neuron < size) first[neuron + 1]!++;
      }
      for (let neuron = 0; neuron < size; neuron++) {
        first[neuron + 1]! += first[neuron]!;
        next[neuron] = first[neuron]!;
      }
      for (let k = 0; k < count; k++) {
        const neuron = index[k]! - start;
        if (neuron >= 0 && neuron < size) own.time[next[neuron]!++] = time[k]!;
      }
    },
  };
  return own;
}
