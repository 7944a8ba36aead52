/**
 * Offset of the synaptic input of one sign, by its shift word: with the input on, a slow membrane shall rest where it
 * rests with the input off.
 */

import { leakSetting, type Sign } from "../../chip/nominal.ts";
import { readRest } from "../parameters/leak.ts";
import type { CalibrationStep } from "../parameters/parameter.ts";
import { type Effort, type MeasureWord, refineRange, searchRange } from "../search.ts";
import type { CalibrationSession } from "../session.ts";
import { median } from "../spread.ts";
import { dithered, type WordChange } from "../words.ts";

const RUNS: Readonly<Record<Effort, number>> = { quick: 2, normal: 6, thorough: 16 };

const PROBES = [-9, -6, -3, 0, 3, 6, 9];

export interface SynapticOffsetOptions {
  /** Search the whole range; otherwise refine the codes so far. */
  readonly search: boolean;
  readonly after: CalibrationStep["after"];
}

/** Codes far apart, of which at least one drives the slow membrane of any circuit to a rail. */
const FAR_APART = [128, 640] as const;

/** Whether a larger code lowers the membrane: measured, for the two inputs differ, and chips might. */
async function isFalling({ draws }: CalibrationSession, measure: MeasureWord): Promise<boolean> {
  const [low, high] = FAR_APART;
  const atLow = await measure(dithered(low, draws), "quick");
  const atHigh = await measure(dithered(high, draws), "quick");
  return median(atHigh.map((value, neuron) => value - atLow[neuron]!)) < 0;
}

export function synapticOffsetStep(sign: Sign, { search, after }: SynapticOffsetOptions): CalibrationStep {
  const word = sign === "exc" ? "synExcShift" : "synInhShift";
  return {
    name: `synaptic-offset-${sign}${search ? "" : "-again"}`,
    summary: `zero current of the ${sign === "exc" ? "excitatory" : "inhibitory"} input, seen by a slow membrane`,
    after,
    tolerance: 8,
    unit: "LSB",
    async run(context) {
      const { session } = context;
      const { words } = session;
      const conditions = offsetConditions(session);
      const off = await readInputsOff(session, conditions, 2 * RUNS.thorough);
      const measure = async (code: Uint16Array, effort: Effort): Promise<Float64Array> => {
        const on = await readInputOn(session, conditions, sign, { [word]: code }, RUNS[effort]);
        return on.map((one, neuron) => one - off[neuron]!);
      };
      const before = await measure(words.neurons[word], "thorough");
      const found = search
        ? await searchRange(session, { target: 0, falling: await isFalling(session, measure) }, measure)
        : await refineRange(words.neurons[word], { target: 0, probes: PROBES }, measure);
      words.neurons[word].set(found.code);
      return { target: 0, before, after: await measure(words.neurons[word], "thorough") };
    },
  };
}

// The measurement -------------------------------------------------------------------------------------------

// Offset of a synaptic input: how far its current without events moves the resting potential, as the difference of
// reads with the input on and off. A slow membrane shows it large: ΔV = τ_m I_offset
// (electronicvisions/calix:src/py/calix/hagen/neuron_synin.py uses 60 µs for the same reason).

const TAU_MEM = 50;

/** Conditions under which both reads are taken; the same codes for both. */
function offsetConditions(session: CalibrationSession): WordChange {
  const slow = leakSetting(TAU_MEM);
  return {
    leakBias: dithered(slow.leakBias, session.draws),
    leakDivide: slow.leakDivide,
    leakMultiply: slow.leakMultiply,
  };
}

/** Resting potentials with both inputs off: what a read with a compensated input shall equal. */
async function readInputsOff(
  session: CalibrationSession,
  conditions: WordChange,
  runs: number,
): Promise<Float64Array> {
  return readRest(session, { ...conditions, synExcOn: 0, synInhOn: 0 }, runs);
}

/** Resting potentials with only the input of one sign on. */
async function readInputOn(
  session: CalibrationSession,
  conditions: WordChange,
  sign: Sign,
  change: WordChange,
  runs: number,
): Promise<Float64Array> {
  const on = sign === "exc" ? { synExcOn: 1, synInhOn: 0 } : { synExcOn: 0, synInhOn: 1 };
  return readRest(session, { ...conditions, ...on, ...change }, runs);
}
