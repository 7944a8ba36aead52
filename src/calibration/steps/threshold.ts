/** Threshold potential: codes at which slowly rising membranes spike. */

import { readThreshold, type ThresholdOptions } from "../observables/threshold.ts";
import { type Effort, refineRange, searchRange } from "./neuron-search.ts";
import type { CalibrationStep } from "./step.ts";

const EXPOSURE: Readonly<Record<Effort, ThresholdOptions>> = {
  quick: { runs: 2, entries: 1 },
  normal: { runs: 8, entries: 1 },
  thorough: { runs: 24, entries: 1 },
};
const PROBES = [-18, -12, -6, 0, 6, 12, 18];

type ThresholdStep = Pick<CalibrationStep, "name" | "summary" | "after"> & { readonly search: boolean };

export function thresholdStep({ search, ...description }: ThresholdStep): CalibrationStep {
  return {
    ...description,
    tolerance: 4,
    unit: "LSB",
    async run(context) {
      const { bench, measured } = context;
      const { target, words } = bench;
      const measure = (threshold: Uint16Array, effort: Effort): Promise<Float64Array> =>
        readThreshold(bench, { threshold }, EXPOSURE[effort]);
      const before = await measure(words.neurons.threshold, "thorough");
      const goal = { target: target.threshold, probes: PROBES };
      const found = search
        ? await searchRange(bench, { target: target.threshold }, measure)
        : await refineRange(words.neurons.threshold, goal, measure);
      words.neurons.threshold.set(found.code);
      measured.threshold = await measure(words.neurons.threshold, "thorough");
      return { target: target.threshold, before, after: measured.threshold };
    },
  };
}
