/** Membrane time constant: the way from reset to leak after a refractory time. */

import { leakSetting, TAU_MEM_EXPONENT } from "../../chip/nominal.ts";
import { readMembraneTau } from "../observables/membrane-decay.ts";
import type { DecayMeasurement } from "../observables/released-traces.ts";
import { type Effort, followPowerLaw } from "../steps/neuron-search.ts";
import type { CalibrationStep } from "../steps/step.ts";
import { dithered } from "../words.ts";
import { type CalibratedParameter, relativeResidual } from "./parameter.ts";

const MEASUREMENTS: Readonly<Record<Effort, DecayMeasurement>> = {
  quick: { runs: 1, entries: 4 },
  normal: { runs: 1, entries: 12 },
  thorough: { runs: 1, entries: 32 },
};
const TOLERANCE = 0.09;

export const tauMem: CalibratedParameter = {
  name: "tauMem",
  unit: "us",
  register: "leakBias",
  option: {
    summary: "Time constant of the membrane.",
    unit: "us",
    defaultValue: 6,
    accepted: [0.5, 60],
    possible: [0.1, 2000],
  },
  goal: (target) => target.tauMem,
  tolerance: (goal) => TOLERANCE * goal,
  residual: relativeResidual(0.03, TAU_MEM_EXPONENT),
  measure: (session, change) =>
    readMembraneTau(session, change, session.target.tauMem, { runs: 2, entries: 32 }),
};

export function tauMemStep(after: CalibrationStep["after"]): CalibrationStep {
  return {
    name: "tau-mem",
    summary: "membrane time constant, from the way between reset and leak",
    after,
    tolerance: TOLERANCE,
    unit: "relative",
    async run({ session, measured }) {
      const { target, words, draws } = session;
      const { leakBias, leakDivide, leakMultiply } = leakSetting(target.tauMem);
      words.neurons.leakDivide.fill(leakDivide);
      words.neurons.leakMultiply.fill(leakMultiply);
      const measure = (code: Uint16Array, effort: Effort): Promise<Float64Array> =>
        readMembraneTau(session, { leakBias: code }, target.tauMem, MEASUREMENTS[effort]);
      const start = dithered(leakBias, draws);
      const before = await measure(start, "thorough");
      const found = await followPowerLaw(start, target.tauMem, measure);
      words.neurons.leakBias.set(found.code);
      measured.tauMem = await measure(words.neurons.leakBias, "thorough");
      return { target: target.tauMem, before, after: measured.tauMem };
    },
  };
}
