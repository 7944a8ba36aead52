/**
 * Synaptic strength of both signs, by the bias of the synaptic input (gm). The goal is what the median neuron has at
 * the code of the target: first measured on the excitatory inputs, then kept for the inhibitory ones, so that both
 * signs match (electronicvisions/calix:src/py/calix/spiking/neuron_calib_parts.py does the same).
 */

import { CADC_DRAM_PERIOD_US, DRIVERS, NEURONS, PADI_BUSES, WEIGHT_MAX } from "../../chip/limits.ts";
import { type Sign, synapticStrength } from "../../chip/nominal.ts";
import type { Lsb } from "../../core/units.ts";
import { clamp, type Effort, followPowerLaw } from "../search.ts";
import type { CalibrationSession } from "../session.ts";
import { median } from "../spread.ts";
import { stimulusLabel } from "../stimulus.ts";
import { createMeanLevel } from "../traces.ts";
import { dithered, type WordChange } from "../words.ts";
import { QUIET } from "./leak.ts";
import { type CalibratedParameter, type CalibrationStep, relativeResidual } from "./parameter.ts";

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

// The measurement -------------------------------------------------------------------------------------------

// Synaptic strength: jump of the synaptic current per weight unit and event, LSB/µs. Regular events of weight w every
// T µs hold a membrane at a mean plateau above its leak; the area of a postsynaptic potential is j w τ_s τ_m, so
//
//     plateau − rest = j w τ_s τ_m / T
//
// This is exact for any ratio of the time constants and any sampling phase. The rest is read in the same entry before the
// events, because it varies from run to run. Events use one driver after the other, so that synapses average out. Weights
// are large, because the 6-bit converter of a synapse is inexact in its first steps.

/** Height of the plateau, LSB: well above noise, well below saturation and inside the rails. */
const PLATEAU: Lsb = 24;
/** Preferred time between events, µs, and the smallest weight. */
const INTERVAL = 7;
const SMALLEST_WEIGHT = 8;
/** Time constants until the plateau is reached, and for how long it is read. */
const WARM_UP = 6;
const READ = 60;
/** Longest entry that fits the fast memory, µs. */
const SRAM_DURATION = 150;
/**
 * Time of the first event, µs. Rest is read before it, one sampling period aside, because a recording starts at an unknown
 * time within a period: three slow samples must fit.
 */
const FIRST_EVENT = { sram: 1, dram: 1 + 3 * CADC_DRAM_PERIOD_US } as const;

export interface StrengthConditions {
  readonly sign: Sign;
  /** Time constants of each neuron as measured, µs. */
  readonly tauMem: Float64Array;
  readonly tauSyn: Float64Array;
}

/** LSB/µs per weight unit, per neuron (512); always ≥ 0 for a healthy input of either sign. */
export async function readStrength(
  session: CalibrationSession,
  change: WordChange,
  { sign, tauMem, tauSyn }: StrengthConditions,
  runs: number,
): Promise<Float64Array> {
  const { target } = session;
  const nominalSyn = sign === "exc" ? target.tauSynExc : target.tauSynInh;
  const { weight, interval } = schedule(session, target.tauMem * nominalSyn);
  await session.configure({ ...change, ...QUIET }, { stimulus: { group: 1, weight } });
  const length = WARM_UP * (target.tauMem + nominalSyn) + Math.max(READ, 2 * interval);
  const memory = FIRST_EVENT.sram + length < SRAM_DURATION ? "sram" : "dram";
  const start = FIRST_EVENT[memory];
  const settled = start + WARM_UP * (target.tauMem + nominalSyn);
  const duration = start + length;
  // A whole number of intervals is read, else the ripple of single events would show.
  const read = Math.floor((duration - settled) / interval) * interval;
  // Up to the end of what is read: the plateau would sag after the last event.
  const events = Math.ceil((duration - start) / interval - 1e-9);
  const rest = createMeanLevel();
  const plateau = createMeanLevel();
  const entries = 2;
  const measurement = {
    runs,
    entries,
    duration,
    events: (entry: number, repeat: number) =>
      Array.from({ length: events }, (_, k) => {
        const driver = ((repeat * entries + entry) * events + k) % DRIVERS;
        const label = stimulusLabel(driver % PADI_BUSES, Math.floor(driver / PADI_BUSES), sign);
        return { time: start + k * interval, label };
      }),
    cadc: { memory },
  } as const;
  await session.measure(measurement, ({ cadc }) => {
    if (cadc === undefined) return;
    const period = cadc.nominalTime[1]! - cadc.nominalTime[0]!;
    rest.add(cadc, Number.NEGATIVE_INFINITY, start - period);
    plateau.add(cadc, settled, settled + read);
  });
  const low = rest.mean();
  const high = plateau.mean();
  const direction = sign === "exc" ? 1 : -1;
  return Float64Array.from({ length: NEURONS }, (_, n) => {
    const height = direction * (high[n]! - low[n]!);
    return (height * interval) / (weight * tauMem[n]! * tauSyn[n]!);
  });
}

/** Weight and interval of events that lead to the wanted plateau at the nominal strength; frequent small events. */
function schedule(session: CalibrationSession, tauProduct: number): { weight: number; interval: number } {
  const { synapseGm, synapseDacBias } = session.target;
  const perWeight = synapticStrength(synapseGm, synapseDacBias) * tauProduct;
  const weight = Math.round(clamp((PLATEAU * INTERVAL) / perWeight, SMALLEST_WEIGHT, WEIGHT_MAX));
  return { weight, interval: (perWeight * weight) / PLATEAU };
}
