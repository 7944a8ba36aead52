/** Leak potential: resting codes as the causal channels read them, the channels that experiments record. */

import { LEAK_TRANSFER } from "../../chip/nominal.ts";
import { readRest } from "../observables/rest.ts";
import type { Effort } from "../steps/neuron-search.ts";
import type { CalibrationStep } from "../steps/step.ts";
import { type CalibratedParameter, linearResidual } from "./parameter.ts";
import { type PotentialStep, potentialStep } from "./potential.ts";

const RUNS: Readonly<Record<Effort, number>> = { quick: 2, normal: 8, thorough: 24 };
const TOLERANCE = 4;

export const leak: CalibratedParameter = {
  name: "leak",
  unit: "LSB",
  register: "leak",
  option: {
    summary: "Resting potential.",
    unit: "LSB",
    defaultValue: 80,
    accepted: [50, 160],
    possible: [20, 220],
  },
  goal: (target) => target.leak,
  tolerance: () => TOLERANCE,
  residual: linearResidual(1.5, LEAK_TRANSFER.slope),
  measure: (session, change) => readRest(session, change, 64),
};

/** @param inputs whether synaptic inputs are on: their offsets shift the leak until they are compensated */
export function leakStep({ inputs, ...step }: PotentialStep & { readonly inputs: boolean }): CalibrationStep {
  const on = inputs ? 1 : 0;
  return potentialStep(
    {
      name: "leak",
      tolerance: TOLERANCE,
      probes: [-24, -16, -8, 0, 8, 16, 24],
      read: (session, code, effort) =>
        readRest(session, { leak: code, synExcOn: on, synInhOn: on }, RUNS[effort]),
    },
    step,
  );
}
