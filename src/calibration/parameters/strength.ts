/**
 * Synaptic strength of both signs, by the bias of the synaptic input (gm). The goal is what the median neuron has at
 * the code of the target: first measured on the excitatory inputs, then kept for the inhibitory ones, so that both
 * signs match (electronicvisions/calix:src/py/calix/spiking/neuron_calib_parts.py does the same).
 */

import type { Sign } from "../../chip/nominal.ts";
import { readStrength } from "../observables/strength.ts";
import { median } from "../spread.ts";
import { type Effort, followPowerLaw } from "../steps/neuron-search.ts";
import type { CalibrationStep } from "../steps/step.ts";
import { dithered } from "../words.ts";
import { type CalibratedParameter, relativeResidual } from "./parameter.ts";

const RUNS: Readonly<Record<Effort, number>> = { quick: 2, normal: 6, thorough: 16 };
/** Twice 5 %. */
const TOLERANCE = 0.1;

const OF = {
  exc: {
    name: "strengthExc",
    register: "synExcGm",
    tau: "tauSynExc",
    step: "strength-exc",
    adjective: "excitatory",
  },
  inh: {
    name: "strengthInh",
    register: "synInhGm",
    tau: "tauSynInh",
    step: "strength-inh",
    adjective: "inhibitory",
  },
} as const;

function strength(sign: Sign): CalibratedParameter {
  const { name, register, tau } = OF[sign];
  return {
    name,
    unit: "LSB/us",
    register,
    goal: (_, typical) => typical,
    tolerance: (goal) => TOLERANCE * goal,
    residual: relativeResidual(0.02, 1),
    measure: (session, change, known) =>
      readStrength(session, change, { sign, tauMem: known.tauMem, tauSyn: known[tau] }, 32),
  };
}

export const strengthExc = strength("exc");
export const strengthInh = strength("inh");

export function strengthStep(sign: Sign, after: CalibrationStep["after"]): CalibrationStep {
  const { name, register, tau, step, adjective } = OF[sign];
  return {
    name: step,
    summary: `${adjective} strength: plateau under regular events`,
    after,
    tolerance: TOLERANCE,
    unit: "relative",
    async run({ session, measured }) {
      const { words } = session;
      const conditions = { sign, tauMem: measured.tauMem, tauSyn: measured[tau] };
      const measure = (code: Uint16Array, effort: Effort): Promise<Float64Array> =>
        readStrength(session, { [register]: code }, conditions, RUNS[effort]);
      const start = dithered(session.target.synapseGm, session.draws);
      const before = await measure(start, "thorough");
      const target = sign === "exc" ? median(before) : median(measured.strengthExc);
      const found = await followPowerLaw(start, target, measure);
      words.neurons[register].set(found.code);
      measured[name] = await measure(words.neurons[register], "thorough");
      return { target, before, after: measured[name] };
    },
  };
}
