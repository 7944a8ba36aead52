/**
 * The graph of a network: in which order its populations are computed, and where the spikes of each source arrive.
 *
 * Populations are computed one after the other; those that act on each other are computed together. A stage is a
 * strongly connected component of the graph of populations. Stages come in topological order, those that are free to go
 * in the order of the network.
 */

import type { Network, Population } from "./network.ts";

export interface Stage {
  readonly populations: readonly Population[];
  /** Whether a spike of the stage can reach the stage itself. */
  readonly recurrent: boolean;
}

export function stagesOf(network: Network): readonly Stage[] {
  const { populations } = network;
  const reaches = reachability(network);
  const placed = new Set<number>();
  const stages: Stage[] = [];
  while (placed.size < populations.length) {
    const next = populations.findIndex(
      (_, p) =>
        !placed.has(p) &&
        populations.every((_, q) => placed.has(q) || reaches[q]![p] === false || reaches[p]![q] === true),
    );
    const members = populations
      .map((_, p) => p)
      .filter((p) => p === next || (reaches[next]![p] && reaches[p]![next]));
    for (const p of members) placed.add(p);
    stages.push({
      populations: members.map((p) => populations[p]!),
      recurrent: reaches[next]![next]!,
    });
  }
  return stages;
}

/** reaches[p][q]: whether a spike of population p can, over one or more projections, act on q. */
function reachability({ populations, projections }: Network): boolean[][] {
  const reaches = populations.map((from) =>
    populations.map((to) =>
      projections.some((projection) => projection.from === from.name && projection.to === to.name),
    ),
  );
  for (let via = 0; via < populations.length; via++) {
    for (const row of reaches) {
      if (!row[via]) continue;
      for (let to = 0; to < row.length; to++) row[to] ||= reaches[via]![to]!;
    }
  }
  return reaches;
}

// Where spikes arrive ---------------------------------------------------------------------------------------

/**
 * Where the spikes of each source arrive in a group of populations: for source s, inputs first, then neurons, the arrivals
 * are the entries first[s] … first[s + 1] − 1. One entry is one projection, i.e. one row of weights over one population.
 */
export interface Targets {
  readonly populations: readonly Population[];
  /** Whether a neuron belongs to the group. */
  readonly member: Uint8Array;
  /** One longer than the number of sources. */
  readonly first: Int32Array;
  /** [entry] Place in the weight vector of the weight onto the first neuron of the population. */
  readonly row: Int32Array;
  /** [entry] Index of the population in the group, and its neurons from … to − 1, over all populations. */
  readonly block: Int32Array;
  readonly from: Int32Array;
  readonly to: Int32Array;
}

export function targetsIn(network: Network, group: readonly Population[]): Targets {
  const sources = network.inputs + network.neurons;
  const member = new Uint8Array(network.neurons);
  for (const { start, size } of group) member.fill(1, start, start + size);
  const first = new Int32Array(sources + 1);
  const entries: { readonly row: number; readonly block: number }[] = [];
  for (let source = 0; source < sources; source++) {
    for (const { sourceStart, sources: count, to, targets, offset } of network.projections) {
      const relative = source - sourceStart;
      const block = group.findIndex(({ name }) => name === to);
      if (relative < 0 || relative >= count || block < 0) continue;
      entries.push({ row: offset + relative * targets, block });
    }
    first[source + 1] = entries.length;
  }
  return {
    populations: group,
    member,
    first,
    row: Int32Array.from(entries, ({ row }) => row),
    block: Int32Array.from(entries, ({ block }) => block),
    from: Int32Array.from(entries, ({ block }) => group[block]!.start),
    to: Int32Array.from(entries, ({ block }) => group[block]!.start + group[block]!.size),
  };
}
