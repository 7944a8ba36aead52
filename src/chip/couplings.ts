/**
 * Which neuron circuits share a membrane. A switch connects the membrane of a circuit with that of its right neighbor
 * (haldls: v3/neuron.h, `connect_membrane_right`); circuits that hang together are one neuron with the synapses of all
 * their columns. Its first (leftmost) circuit spikes, resets and sends the events; the thresholds of the others stay off.
 */

import { UserError } from "../core/errors.ts";
import { columnOf } from "./coordinates.ts";
import { COLUMNS_PER_QUADRANT, NEURONS } from "./limits.ts";
import type { NeuronWords } from "./types.ts";

export interface Couplings {
  /** First circuit of the membrane that each circuit (512) belongs to. */
  readonly first: Int16Array;
  /** Number of circuits of each membrane, by its first circuit; 0 for the others. */
  readonly size: Uint8Array;
  /** Whether any two are connected. */
  readonly any: boolean;
}

/** @param switches 1: connected with the right neighbor (512) */
export function couplingsOf(switches: Uint8Array): Couplings {
  const first = new Int16Array(NEURONS);
  const size = new Uint8Array(NEURONS);
  let any = false;
  for (let circuit = 0; circuit < NEURONS; circuit++) {
    const joins = circuit > 0 && switches[circuit - 1] === 1;
    any ||= joins;
    first[circuit] = joins ? first[circuit - 1]! : circuit;
    size[first[circuit]!] = size[first[circuit]!]! + 1;
  }
  return { first, size, any };
}

/** Whether a circuit has a neighbor to its right: the blocks of 128 columns are apart. */
export function hasRightNeighbor(circuit: number): boolean {
  return columnOf(circuit) % COLUMNS_PER_QUADRANT !== COLUMNS_PER_QUADRANT - 1;
}

/** Throws UserError("chip") when a circuit spikes or sends events that is not the first of its membrane. */
export function checkCouplings(
  switches: Uint8Array,
  neurons: Pick<NeuronWords, "thresholdOn" | "eventsOn">,
): void {
  for (let circuit = 1; circuit < NEURONS; circuit++) {
    if (switches[circuit - 1] === 0) continue;
    if (neurons.thresholdOn[circuit] === 0 && neurons.eventsOn[circuit] === 0) continue;
    throw new UserError(
      "chip",
      `neuron ${circuit} shares the membrane of neuron ${circuit - 1}: only the first circuit of a membrane may spike`,
      { hint: "switch its thresholdOn and eventsOn off" },
    );
  }
}
