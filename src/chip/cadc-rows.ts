/**
 * How many rows a CADC recording has and what they take, for the simulated converters and for whoever counts observations
 * that were not made. A row is one sample of all 256 columns of a hemisphere. Sources: docs/hardware.md, "Converters".
 */

import {
  CADC_DRAM_PERIOD_US,
  CADC_DRAM_SAMPLES,
  CADC_LEAD_US,
  CADC_RECORDING_BYTES,
  CADC_ROW_BYTES,
  CADC_SRAM_PERIOD_US,
  CADC_SRAM_SAMPLES,
  CADC_TAIL_US,
  TRACE_BYTES_PER_BYTE,
} from "./limits.ts";

export interface CadcRows {
  /** µs */
  readonly period: number;
  /** Rows of one entry and hemisphere that leave the chip. */
  readonly rows: number;
  /** Those of them that lie before the end of the entry at any start of the recording. */
  readonly samples: number;
  readonly truncated: boolean;
}

/** @param jitter largest shift of a sample, µs */
export function planRows(memory: "sram" | "dram", duration: number, jitter = 0): CadcRows {
  const period = memory === "sram" ? CADC_SRAM_PERIOD_US : CADC_DRAM_PERIOD_US;
  const capacity = memory === "sram" ? CADC_SRAM_SAMPLES : CADC_DRAM_SAMPLES;
  const rows = Math.floor((CADC_LEAD_US + duration + CADC_TAIL_US) / period) + 1;
  const inside = Math.max(0, Math.floor((CADC_LEAD_US + duration - jitter) / period));
  return {
    period,
    rows: Math.min(rows, capacity),
    samples: Math.min(inside, capacity),
    truncated: inside > capacity,
  };
}

/** Bytes that the rows of one entry and hemisphere take in the trace memory, in which a spike takes 8. */
export function cadcTraceBytes(rows: number): number {
  return TRACE_BYTES_PER_BYTE * (rows * CADC_ROW_BYTES + CADC_RECORDING_BYTES);
}
