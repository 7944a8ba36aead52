/**
 * Order of computation: populations that can be computed one after the other, and groups of populations that
 * act on each other and have to be computed together.
 *
 * A stage is a strongly connected component of the graph of populations; stages come in topological order,
 * those that are free to go in the order of the network.
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
