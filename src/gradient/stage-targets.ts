/** Where the spikes of each source arrive in a group of populations. Static per network. */

import type { Network, Population } from "../network/network.ts";

export interface StageTargets {
  readonly populations: readonly Population[];
  /** Whether a neuron belongs to the group. */
  readonly member: Uint8Array;
  /** Source s (inputs first, then neurons) has the entries first[s] … first[s + 1] − 1, one per projection. */
  readonly first: Int32Array;
  /** The weights of an entry start here, one for each of the neurons from … to − 1. */
  readonly row: Int32Array;
  readonly from: Int32Array;
  readonly to: Int32Array;
}

export function stageTargets(network: Network, populations: readonly Population[]): StageTargets {
  const { inputs, neurons } = network;
  const names = new Set(populations.map(({ name }) => name));
  const projections = network.projections.filter(({ to }) => names.has(to));
  const member = new Uint8Array(neurons);
  for (const { start, size } of populations) member.fill(1, start, start + size);
  const first = new Int32Array(inputs + neurons + 1);
  const entries: { readonly row: number; readonly from: number; readonly to: number }[] = [];
  for (let source = 0; source < inputs + neurons; source++) {
    for (const { sourceStart, sources, targetStart, targets, offset } of projections) {
      const relative = source - sourceStart;
      if (relative < 0 || relative >= sources) continue;
      entries.push({ row: offset + relative * targets, from: targetStart, to: targetStart + targets });
    }
    first[source + 1] = entries.length;
  }
  return {
    populations,
    member,
    first,
    row: Int32Array.from(entries, ({ row }) => row),
    from: Int32Array.from(entries, ({ from }) => from),
    to: Int32Array.from(entries, ({ to }) => to),
  };
}
