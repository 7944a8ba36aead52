/**
 * Which neurons a run has to simulate: those that the host records, and those whose events go somewhere. Circuits
 * are independent of each other but for events, so the others cannot matter.
 */

import { eventOutputOf } from "../coordinates.ts";
import type { Couplings } from "../couplings.ts";
import { NEURONS } from "../limits.ts";
import type { NeuronWords, RoutingWords, RunOptions } from "../types.ts";
import { neuronLabel, reachesHost, rowsOf } from "./routing.ts";

/** Where the events of each neuron (512) go; empty for those that send none. */
export interface NeuronRoutes {
  /** Rows that the neuron's event triggers on the chip. */
  readonly rows: readonly (readonly number[])[];
  /** 1: its events reach the host. */
  readonly host: Uint8Array;
}

const NO_ROWS: readonly number[] = [];

export function neuronRoutes(neurons: NeuronWords, routing: RoutingWords): NeuronRoutes {
  const rows = new Array<readonly number[]>(NEURONS).fill(NO_ROWS);
  const host = new Uint8Array(NEURONS);
  for (let n = 0; n < NEURONS; n++) {
    if (neurons.eventsOn[n] === 0 || neurons.thresholdOn[n] === 0) continue;
    const label = neuronLabel(n, neurons.address[n]!);
    rows[n] = rowsOf(routing, eventOutputOf(n), label);
    host[n] = reachesHost(routing, n, label) ? 1 : 0;
  }
  return { rows, host };
}

/** Ids of the neurons to simulate, ascending, each the first circuit of its membrane; `marked` (512) is overwritten. */
export function activeNeurons(
  routes: NeuronRoutes,
  options: RunOptions,
  { first }: Couplings,
  marked: Uint8Array,
): Int32Array {
  marked.fill(0);
  if (options.cadc !== undefined && options.cadc.reference === undefined) {
    for (const neuron of options.cadc.keep) marked[first[neuron]!] = 1;
  }
  if (options.madc !== undefined) marked[first[options.madc.neuron]!] = 1;
  let count = 0;
  for (let n = 0; n < NEURONS; n++) {
    if ((options.spikes && routes.host[n] === 1) || (routes.rows[n] as readonly number[]).length > 0) {
      marked[n] = 1;
    }
    count += marked[n]!;
  }
  const ids = new Int32Array(count);
  let place = 0;
  for (let n = 0; n < NEURONS; n++) if (marked[n] === 1) ids[place++] = n;
  return ids;
}
