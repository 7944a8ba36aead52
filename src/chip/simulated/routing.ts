/**
 * Where an event goes on the chip: crossbar nodes let it onto PADI buses, drivers on the bus compare its row
 * select, their rows pass its label to the synapses with the same label. Digital and exact.
 *
 *     node (input, output) passes when on and (label & mask) === target
 *     a driver takes events of its bus when (row select & mask) === (its position on the bus & mask)
 *
 * Labels as in types.ts: bits 0–5 synapse label, bits 6–10 row select.
 */

import { driverPosition, eventOutputOf, neuronLabel } from "../coordinates.ts";
import type { Couplings } from "../couplings.ts";
import {
  CROSSBAR_L2_INPUT,
  CROSSBAR_L2_OUTPUT,
  CROSSBAR_OUTPUTS,
  DRIVERS,
  HEMISPHERES,
  NEURONS,
  PADI_BUSES,
  ROWS_PER_DRIVER,
} from "../limits.ts";
import { type NeuronWords, ROW_DISABLED, type RoutingWords, type RunOptions } from "../types.ts";

const FPGA_LABEL_BITS = 14;
const FPGA_LABEL_MASK = (1 << FPGA_LABEL_BITS) - 1;

/** Crossbar input of an event from the FPGA. */
export function fpgaInput(label: number): number {
  return CROSSBAR_L2_INPUT + (label >> FPGA_LABEL_BITS);
}

/** Label of an event from the FPGA as the crossbar sees it. */
export function fpgaLabel(label: number): number {
  return label & FPGA_LABEL_MASK;
}

export function synapseLabel(label: number): number {
  return label & 0x3f;
}

function passes(routing: RoutingWords, input: number, output: number, label: number): boolean {
  const node = input * CROSSBAR_OUTPUTS + output;
  return routing.nodeOn[node] === 1 && (label & routing.nodeMask[node]!) === routing.nodeTarget[node];
}

/** Whether a neuron's event with this label leaves the chip. */
export function reachesHost(routing: RoutingWords, neuron: number, label: number): boolean {
  const output = eventOutputOf(neuron);
  return passes(routing, output, CROSSBAR_L2_OUTPUT + (output % PADI_BUSES), label);
}

/**
 * Rows that an event triggers.
 *
 * @param input crossbar input
 * @param label as the crossbar sees it
 * @returns indices hemisphere · 256 + row of the rows that have a sign, grouped by bus
 */
export function rowsOf(routing: RoutingWords, input: number, label: number): number[] {
  const rows: number[] = [];
  const select = (label >> 6) & 0x1f;
  for (let output = 0; output < HEMISPHERES * PADI_BUSES; output++) {
    if (!passes(routing, input, output, label)) continue;
    const hemisphere = Math.floor(output / PADI_BUSES);
    for (let driver = output % PADI_BUSES; driver < DRIVERS; driver += PADI_BUSES) {
      const index = hemisphere * DRIVERS + driver;
      const mask = routing.driverMask[index]!;
      if ((select & mask) !== (driverPosition(driver) & mask)) continue;
      for (let row = 2 * index; row < 2 * index + ROWS_PER_DRIVER; row++) {
        if (routing.rowMode[row] !== ROW_DISABLED) rows.push(row);
      }
    }
  }
  return rows;
}

// Where the events of the neurons go ------------------------------------------------------------------------

// Which neurons a run has to simulate: those that the host records, and those whose events go somewhere. Circuits
// are independent of each other but for events, so the others cannot matter.

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
    for (const neuron of options.cadc.recordedNeurons) marked[first[neuron]!] = 1;
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
