/**
 * What observing one sample for a surrogate gradient would cost on the same chip, beside the estimator in use
 * (counting rule: docs/memory.md). It needs the membranes of all neurons on the converter's grid.
 */

import {
  CADC_DRAM_PERIOD_US,
  CADC_DRAM_SAMPLES,
  CADC_LEAD_US,
  CADC_SRAM_PERIOD_US,
  CADC_SRAM_SAMPLES,
  COLUMNS,
} from "../chip/limits.ts";
import type { Placement } from "../mapping/placement.ts";
import { hemisphereOf } from "../mapping/placement.ts";
import type { Network } from "../network/network.ts";

export interface ObservationBytes {
  /** Bytes that leave the chip. */
  readonly observed: number;
  /** Bytes that the backward pass keeps. */
  readonly kept: number;
}

type Memory = "sram" | "dram";

const PERIOD = { sram: CADC_SRAM_PERIOD_US, dram: CADC_DRAM_PERIOD_US } as const;
const ROOM = { sram: CADC_SRAM_SAMPLES, dram: CADC_DRAM_SAMPLES } as const;
/** Of each row of converter codes, as the hardware stores it. */
const TIME_STAMP_BYTES = 8;

/**
 * Bytes of the converter rows of one sample, which are transferred whole, of `hemispheres` halves of a chip. A
 * recording begins before the sample, and its first rows are transferred too.
 */
export function rowBytes(duration: number, hemispheres: number, memory: Memory): number {
  const rows = Math.floor((CADC_LEAD_US + duration) / PERIOD[memory]);
  return Math.min(rows, ROOM[memory]) * hemispheres * (COLUMNS + TIME_STAMP_BYTES);
}

/** Of each neuron one byte is kept per row that falls into the sample; rows of 256 columns are transferred whole. */
export function surrogateBytes(network: Network, placement: Placement, memory: Memory): ObservationBytes {
  const hemispheres = new Set(Array.from(placement.neuron, hemisphereOf)).size;
  return {
    observed: rowBytes(network.duration, hemispheres, memory),
    kept: Math.ceil(network.duration / PERIOD[memory]) * network.neurons,
  };
}
