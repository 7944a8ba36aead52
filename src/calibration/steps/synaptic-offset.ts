/**
 * Offset of the synaptic input of one sign, by its shift word: with the input on, a slow membrane shall rest where it
 * rests with the input off.
 */

import type { Sign } from "../../chip/nominal.ts";
import { offsetConditions, readInputOn, readInputsOff } from "../observables/synaptic-offset.ts";
import type { CalibrationSession } from "../session.ts";
import { median } from "../spread.ts";
import { dithered } from "../words.ts";
import { type Effort, type MeasureWord, refineRange, searchRange } from "./neuron-search.ts";
import type { CalibrationStep } from "./step.ts";

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
