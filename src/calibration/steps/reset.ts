/** Reset potential: codes while a refractory time holds the membranes. */

import { readReset } from "../observables/reset.ts";
import { type Effort, refineRange, searchRange } from "./neuron-search.ts";
import type { CalibrationStep } from "./step.ts";

const RUNS: Readonly<Record<Effort, number>> = { quick: 1, normal: 2, thorough: 4 };
const PROBES = [-24, -16, -8, 0, 8, 16, 24];

type ResetStep = Pick<CalibrationStep, "name" | "summary" | "after"> & { readonly search: boolean };

export function resetStep({ search, ...description }: ResetStep): CalibrationStep {
  return {
    ...description,
    tolerance: 4,
    unit: "LSB",
    async run(context) {
      const { bench, measured } = context;
      const { target, words } = bench;
      const measure = (reset: Uint16Array, effort: Effort): Promise<Float64Array> =>
        readReset(bench, { reset }, RUNS[effort]);
      const before = await measure(words.neurons.reset, "thorough");
      const found = search
        ? await searchRange(bench, { target: target.reset }, measure)
        : await refineRange(words.neurons.reset, { target: target.reset, probes: PROBES }, measure);
      words.neurons.reset.set(found.code);
      measured.reset = await measure(words.neurons.reset, "thorough");
      return { target: target.reset, before, after: measured.reset };
    },
  };
}
