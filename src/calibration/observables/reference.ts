/** Reads of a reference voltage by the CADC channels: no membrane, only the converters and their noise. */

import { CADC_CHANNELS, NEURONS } from "../../chip/limits.ts";
import type { CalibrationSession } from "../session.ts";
import { createMeanLevel } from "./mean-trace.ts";

const DURATION = 100;

/** Mean code of each channel [2 · neuron + (0 causal | 1 acausal)] (1024) at the capmem code `reference`. */
export async function readReference(session: CalibrationSession, reference: number): Promise<Float64Array> {
  await session.configure();
  const read = new Float64Array(CADC_CHANNELS);
  for (const side of [0, 1] as const) {
    const level = createMeanLevel();
    const cadc = { memory: "sram", reference, acausal: side === 1 } as const;
    await session.measure({ runs: 1, entries: 4, duration: DURATION, cadc }, (recording) => {
      if (recording.cadc === undefined) return;
      level.add(recording.cadc, Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY);
    });
    const mean = level.mean();
    for (let neuron = 0; neuron < NEURONS; neuron++) read[2 * neuron + side] = mean[neuron]!;
  }
  return read;
}
