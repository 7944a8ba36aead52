/**
 * Reset potential: the mean code while a long refractory time holds the membranes at reset after a driven spike
 * (electronicvisions/calix:src/py/calix/hagen/neuron_potentials.py reads 10 µs after a reset).
 */

import { THRESHOLD_TRANSFER } from "../../chip/nominal.ts";
import type { CalibrationSession } from "../session.ts";
import { shifted, type WordChange } from "../words.ts";
import { DRIVE, DRIVE_LENGTH, driveTrain, refractorySetting } from "./drive.ts";
import { createMeanLevel } from "./mean-trace.ts";

const START = 2;
const HOLD = 60;
/** Between the last spike of the drive and the first sample used: the reset is not immediate. */
const SETTLING = 3;
/** Thresholds are lowered towards the leak, so that the drive certainly reaches them. */
const LOWERED = -30;

/** CADC codes per neuron (512). */
export async function readReset(
  session: CalibrationSession,
  change: WordChange,
  runs: number,
): Promise<Float64Array> {
  const { counter, scale } = refractorySetting(HOLD);
  await session.configure(
    {
      threshold: shifted(session.words.neurons.threshold, LOWERED / THRESHOLD_TRANSFER.slope),
      ...change,
      thresholdOn: 1,
      eventsOn: 0,
      refractoryCounter: counter,
    },
    { stimulus: DRIVE, fastClock: scale },
  );
  const level = createMeanLevel();
  const from = START + DRIVE_LENGTH + SETTLING;
  const to = START + HOLD - 2;
  const measurement = {
    runs,
    entries: 1,
    duration: to,
    events: () => driveTrain(START),
    cadc: { memory: "sram" },
  } as const;
  await session.measure(measurement, ({ cadc }) => {
    if (cadc !== undefined) level.add(cadc, from, to - 2);
  });
  return level.mean();
}
