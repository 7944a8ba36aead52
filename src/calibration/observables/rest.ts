/**
 * Resting potential: the mean code of membranes that nothing drives. One short entry per run; what varies from run
 * to run is the larger part of the noise.
 */

import type { CalibrationSession } from "../session.ts";
import type { WordChange } from "../words.ts";
import { createMeanLevel } from "./mean-trace.ts";

/** Spiking off: no neuron of a chip stays quiet by itself when its words are those of a search. */
export const QUIET = { thresholdOn: 0, eventsOn: 0 } as const satisfies WordChange;

const DURATION = 6;

/** CADC codes per neuron (512), with the workbench's words and `change` in them. */
export async function readRest(
  session: CalibrationSession,
  change: WordChange,
  runs: number,
): Promise<Float64Array> {
  await session.configure({ ...change, ...QUIET });
  const level = createMeanLevel();
  const measurement = { runs, entries: 1, duration: DURATION, cadc: { memory: "sram" } } as const;
  await session.measure(measurement, ({ cadc }) => {
    if (cadc !== undefined) level.add(cadc, Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY);
  });
  return level.mean();
}
