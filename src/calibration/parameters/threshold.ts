/** Threshold potential: codes at which slowly rising membranes spike. */

import { THRESHOLD_TRANSFER } from "../../chip/nominal.ts";
import { readThreshold } from "../observables/threshold.ts";
import type { Effort } from "../steps/neuron-search.ts";
import type { CalibrationStep } from "../steps/step.ts";
import { type CalibratedParameter, linearResidual } from "./parameter.ts";
import { type PotentialStep, potentialStep } from "./potential.ts";

const RUNS: Readonly<Record<Effort, number>> = { quick: 2, normal: 8, thorough: 24 };
const TOLERANCE = 4;

export const threshold: CalibratedParameter = {
  name: "threshold",
  unit: "LSB",
  register: "threshold",
  option: {
    summary: "Potential at which a neuron spikes.",
    unit: "LSB",
    defaultValue: 150,
    accepted: [50, 220],
    possible: [20, 220],
  },
  goal: (target) => target.threshold,
  tolerance: () => TOLERANCE,
  residual: linearResidual(2.2, THRESHOLD_TRANSFER.slope),
  measure: (session, change) => readThreshold(session, change, { runs: 64, entries: 1 }),
};

export function thresholdStep(step: PotentialStep): CalibrationStep {
  return potentialStep(
    {
      name: "threshold",
      tolerance: TOLERANCE,
      probes: [-18, -12, -6, 0, 6, 12, 18],
      read: (session, code, effort) =>
        readThreshold(session, { threshold: code }, { runs: RUNS[effort], entries: 1 }),
    },
    step,
  );
}
