/**
 * What observing one sample for a surrogate gradient would cost on the same chip, beside the estimator in use
 * (counting rule: docs/memory.md). It needs the membranes of all neurons on the converter's grid.
 */

import { cadcTraceBytes, planRows } from "../chip/cadc-rows.ts";
import { hemisphereOf } from "../chip/coordinates.ts";
import type { Placement } from "../mapping/placement.ts";
import type { Network } from "../network/network.ts";

export interface ObservationBytes {
  /** Bytes that leave the chip. */
  readonly observed: number;
  /** Bytes that the backward pass keeps. */
  readonly kept: number;
}

type Memory = "sram" | "dram";

/**
 * Bytes of the converter rows of one sample, which are transferred whole, of `hemispheres` halves of a chip. A
 * recording begins before the sample, and its first rows are transferred too.
 */
export function rowBytes(duration: number, hemispheres: number, memory: Memory): number {
  return hemispheres * cadcTraceBytes(planRows(memory, duration).rows);
}

/** Of each neuron one byte is kept per row that falls into the sample; rows of 256 columns are transferred whole. */
export function surrogateBytes(network: Network, placement: Placement, memory: Memory): ObservationBytes {
  const hemispheres = new Set(Array.from(placement.neuron, hemisphereOf)).size;
  return {
    observed: rowBytes(network.duration, hemispheres, memory),
    kept: Math.ceil(network.duration / planRows(memory, network.duration).period) * network.neurons,
  };
}
