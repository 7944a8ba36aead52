/** Synaptic time constants of both signs, from decays of the synaptic lines. */

import { MADC_PERIOD_US, NEURONS } from "../../chip/limits.ts";
import { type Sign, synapticTauSetting, TAU_SYN_EXPONENT } from "../../chip/nominal.ts";
import type { Microseconds } from "../../core/units.ts";
import { fitDecay } from "../fits.ts";
import { followPowerLaw } from "../search.ts";
import type { CalibrationSession } from "../session.ts";
import { stimulusLabel } from "../stimulus.ts";
import { createFastTrace } from "../traces.ts";
import { dithered, type WordChange } from "../words.ts";
import { QUIET } from "./leak.ts";
import { type CalibratedParameter, type CalibrationStep, relativeResidual } from "./parameter.ts";

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

// The measurement -------------------------------------------------------------------------------------------

// Synaptic time constants: the decay of a synaptic line after events, read by the fast converter on one neuron per run
// (electronicvisions/calix:src/py/calix/hagen/neuron_synin.py fits the same). The line comes before the synaptic input
// and the membrane, so neither their saturation nor their time constants enter. Events are folded: one may get lost.

/** 384 weight units per event: most of the converter's range at the largest DAC bias, no more at any. */
const STIMULUS = { group: 8, weight: 48 } as const;
/** The fast converter is unreliable at first (electronicvisions/calix:src/py/calix/common/madc_base.py). */
const LEAD = 10;
const EVENTS = 2;
/** Decays are watched for so many expected time constants. */
const WATCH = 7;
/** Clear of the event itself, µs. */
const AFTER = 0.1;
const SHORTEST = 1 / 8;
const LONGEST = 8;

/** µs per neuron (512). NaN: no decay seen. @param expected τ for which the recording is laid out */
async function readSynapticTau(
  session: CalibrationSession,
  sign: Sign,
  change: WordChange,
  expected: Microseconds,
): Promise<Float64Array> {
  await session.configure({ ...change, ...QUIET }, { stimulus: STIMULUS });
  const interval = Math.max(4, WATCH * expected);
  const times = Array.from({ length: EVENTS }, (_, k) => LEAD + k * interval);
  const trace = createFastTrace(interval - 2 * AFTER);
  const period = trace.step * MADC_PERIOD_US;
  const options = { period, shortest: SHORTEST * expected, longest: LONGEST * expected };
  const tau = new Float64Array(NEURONS);
  for (let neuron = 0; neuron < NEURONS; neuron++) {
    const measurement = {
      runs: 1,
      entries: 1,
      duration: LEAD + EVENTS * interval,
      events: () => times.map((time, bus) => ({ time, label: stimulusLabel(bus, 0, sign) })),
      madc: { neuron, source: sign === "exc" ? "synapse-exc" : "synapse-inh" },
    } as const;
    trace.clear();
    await session.measure(measurement, ({ madc }) => {
      if (madc === undefined) return;
      for (const time of times) trace.add(madc.code, time + AFTER);
    });
    tau[neuron] = fitDecay(trace.mean(), trace.weight(), 0, trace.length, options).tau;
  }
  return tau;
}
