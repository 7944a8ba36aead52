/** Reset potential: codes while a refractory time holds the membranes. */

import { RESET_TRANSFER } from "../../chip/nominal.ts";
import { readReset } from "../observables/reset.ts";
import type { Effort } from "../steps/neuron-search.ts";
import type { CalibrationStep } from "../steps/step.ts";
import { type CalibratedParameter, linearResidual } from "./parameter.ts";
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
