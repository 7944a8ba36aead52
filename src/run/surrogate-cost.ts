/**
 * What observing one sample for a surrogate gradient would cost on the same chip, beside the estimator in use
 * (counting rule: docs/memory.md). It needs the membranes of all neurons on the converter's grid.
 */

import { CADC_DRAM_PERIOD_US, CADC_SRAM_PERIOD_US, COLUMNS } from "../chip/limits.ts";
import type { Placement } from "../mapping/placement.ts";
import { hemisphereOf } from "../mapping/placement.ts";
import type { Network } from "../network/network.ts";

export interface ObservationBytes {
  /** Bytes that leave the chip. */
  readonly observed: number;
  /** Bytes that the backward pass keeps. */
  readonly kept: number;
}

/** Of each row of converter codes, as the hardware stores it. */
const TIME_STAMP_BYTES = 8;

/** One byte per neuron and converter sample is kept; rows of 256 columns are transferred whole. */
export function surrogateBytes(
  network: Network,
  placement: Placement,
  memory: "sram" | "dram",
): ObservationBytes {
  const period = memory === "sram" ? CADC_SRAM_PERIOD_US : CADC_DRAM_PERIOD_US;
  const samples = Math.ceil(network.duration / period);
  const hemispheres = new Set(Array.from(placement.neuron, hemisphereOf)).size;
  return {
    observed: samples * hemispheres * (COLUMNS + TIME_STAMP_BYTES),
    kept: samples * network.neurons,
  };
}
