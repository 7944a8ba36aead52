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

/** Bytes of the converter rows of one sample, which are transferred whole: of `hemispheres` halves of a chip. */
export function rowBytes(duration: number, hemispheres: number, memory: "sram" | "dram"): number {
  return converterSamples(duration, memory) * hemispheres * (COLUMNS + TIME_STAMP_BYTES);
}

function converterSamples(duration: number, memory: "sram" | "dram"): number {
  return Math.ceil(duration / (memory === "sram" ? CADC_SRAM_PERIOD_US : CADC_DRAM_PERIOD_US));
}

/** One byte per neuron and converter sample is kept; rows of 256 columns are transferred whole. */
export function surrogateBytes(
  network: Network,
  placement: Placement,
  memory: "sram" | "dram",
): ObservationBytes {
  const hemispheres = new Set(Array.from(placement.neuron, hemisphereOf)).size;
  return {
    observed: rowBytes(network.duration, hemispheres, memory),
    kept: converterSamples(network.duration, memory) * network.neurons,
  };
}
