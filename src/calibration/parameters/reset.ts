/** Reset potential: codes while a refractory time holds the membranes. */

import { RESET_TRANSFER, THRESHOLD_TRANSFER } from "../../chip/nominal.ts";
import { DRIVE, DRIVE_LENGTH, driveTrain, refractorySetting } from "../released-traces.ts";
import type { Effort } from "../search.ts";
import type { CalibrationSession } from "../session.ts";
import { createMeanLevel } from "../traces.ts";
import { shifted, type WordChange } from "../words.ts";
import { type CalibratedParameter, type CalibrationStep, linearResidual } from "./parameter.ts";
import { type PotentialStep, potentialStep } from "./potential.ts";

const RUNS: Readonly<Record<Effort, number>> = { quick: 1, normal: 2, thorough: 4 };
const TOLERANCE = 4;

export const reset: CalibratedParameter = {
  name: "reset",
  unit: "LSB",
  register: "reset",
  option: {
    summary: "Potential during the refractory time.",
    unit: "LSB",
    defaultValue: 80,
    accepted: [50, 160],
    possible: [20, 220],
  },
  goal: (target) => target.reset,
  tolerance: () => TOLERANCE,
  residual: linearResidual(1.5, RESET_TRANSFER.slope),
  measure: (session, change) => readReset(session, change, 8),
};

export function resetStep(step: PotentialStep): CalibrationStep {
  return potentialStep(
    {
      name: "reset",
      tolerance: TOLERANCE,
      probes: [-24, -16, -8, 0, 8, 16, 24],
      read: (session, code, effort) => readReset(session, { reset: code }, RUNS[effort]),
    },
    step,
  );
}

// The measurement -------------------------------------------------------------------------------------------

// Reset potential: the mean code while a long refractory time holds the membranes at reset after a driven spike
// (electronicvisions/calix:src/py/calix/hagen/neuron_potentials.py reads 10 µs after a reset).

const START = 2;
const HOLD = 60;
/** Between the last spike of the drive and the first sample used: the reset is not immediate. */
const SETTLING = 3;
/** Thresholds are lowered towards the leak, so that the drive certainly reaches them. */
const LOWERED = -30;

/** CADC codes per neuron (512). */
async function readReset(
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
