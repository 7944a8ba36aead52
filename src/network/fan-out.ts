/**
 * Where the spikes of each source arrive in a group of populations: for source s the arrivals are the entries
 * first[s] … first[s + 1] − 1. One entry is one projection, i.e. one row of weights over one population.
 */

import type { Network, Population } from "./network.ts";

export interface FanOut {
  /** Inputs, then neurons, as in Projection.sourceStart; one longer than the number of sources. */
  readonly first: Int32Array;
  /** Position in the weight vector of the weight onto the first neuron of the population. */
  readonly row: Int32Array;
  /** Index into the group's populations. */
  readonly block: Int32Array;
}

export function fanOut(network: Network, group: readonly Population[]): FanOut {
  const sources = network.inputs + network.neurons;
  const first = new Int32Array(sources + 1);
  const row: number[] = [];
  const block: number[] = [];
  for (let source = 0; source < sources; source++) {
    for (const projection of network.projections) {
      const relative = source - projection.sourceStart;
      const target = group.findIndex((population) => population.name === projection.to);
      if (relative < 0 || relative >= projection.sources || target < 0) continue;
      row.push(projection.offset + relative * projection.targets);
      block.push(target);
    }
    first[source + 1] = row.length;
  }
  return { first, row: Int32Array.from(row), block: Int32Array.from(block) };
}
