/** Synaptic time constants of both signs, from decays of the synaptic lines. */

import { type Sign, synapticTauSetting, TAU_SYN_EXPONENT } from "../../chip/nominal.ts";
import { readSynapticTau } from "../observables/synaptic-decay.ts";
import { followPowerLaw } from "../steps/neuron-search.ts";
import type { CalibrationStep } from "../steps/step.ts";
import { dithered } from "../words.ts";
import { type CalibratedParameter, relativeResidual } from "./parameter.ts";

const TOLERANCE = 0.11;

/** Names of the parameter, its bias and its resistance switch, and the words for people. */
const OF = {
  exc: {
    name: "tauSynExc",
    register: "synExcTau",
    mode: "synExcHighResistance",
    step: "tau-syn-exc",
    adjective: "excitatory",
  },
  inh: {
    name: "tauSynInh",
    register: "synInhTau",
    mode: "synInhHighResistance",
    step: "tau-syn-inh",
    adjective: "inhibitory",
  },
} as const;

function tauSyn(sign: Sign): CalibratedParameter {
  const { name, register, adjective } = OF[sign];
  return {
    name,
    unit: "us",
    register,
    option: {
      summary: `Time constant of ${adjective} inputs.`,
      unit: "us",
      defaultValue: 6,
      accepted: [0.3, 30],
      possible: [0.1, 100],
    },
    goal: (target) => target[name],
    tolerance: (goal) => TOLERANCE * goal,
    residual: relativeResidual(0.04, TAU_SYN_EXPONENT[sign]),
    measure: (session, change) => readSynapticTau(session, sign, change, session.target[name]),
  };
}

export const tauSynExc = tauSyn("exc");
export const tauSynInh = tauSyn("inh");

export function tauSynStep(sign: Sign, after: CalibrationStep["after"]): CalibrationStep {
  const { name, register, mode, step, adjective } = OF[sign];
  return {
    name: step,
    summary: `${adjective} time constant, from decays of the synaptic line`,
    after,
    tolerance: TOLERANCE,
    unit: "relative",
    async run({ session, measured }) {
      const { target, words } = session;
      const goal = target[name];
      const { code, highResistance } = synapticTauSetting(sign, goal);
      words.neurons[mode].fill(highResistance ? 1 : 0);
      const measure = (codes: Uint16Array): Promise<Float64Array> =>
        readSynapticTau(session, sign, { [register]: codes }, goal);
      const start = dithered(code, session.draws);
      const before = await measure(start);
      const found = await followPowerLaw(start, goal, measure);
      words.neurons[register].set(found.code);
      measured[name] = await measure(words.neurons[register]);
      return { target: goal, before, after: measured[name] };
    },
  };
}
