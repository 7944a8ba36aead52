/** Leak potential: resting codes as the causal channels read them, the channels that experiments record. */

import { readRest } from "../observables/rest.ts";
import { type Effort, refineRange, searchRange } from "./neuron-search.ts";
import type { CalibrationStep } from "./step.ts";

const RUNS: Readonly<Record<Effort, number>> = { quick: 2, normal: 8, thorough: 24 };
/** Probes some LSB apart, so that the steps of the converter average out. */
const PROBES = [-24, -16, -8, 0, 8, 16, 24];

type LeakStep = Pick<CalibrationStep, "name" | "summary" | "after"> & {
  readonly search: boolean;
  /** Whether synaptic inputs are on: their offsets shift the leak until they are compensated. */
  readonly inputs: boolean;
};

export function leakStep({ search, inputs, ...description }: LeakStep): CalibrationStep {
  const on = inputs ? 1 : 0;
  return {
    ...description,
    tolerance: 4,
    unit: "LSB",
    async run(context) {
      const { bench, measured } = context;
      const { target, words } = bench;
      const measure = (leak: Uint16Array, effort: Effort): Promise<Float64Array> =>
        readRest(bench, { leak, synExcOn: on, synInhOn: on }, RUNS[effort]);
      const before = await measure(words.neurons.leak, "thorough");
      const found = search
        ? await searchRange(bench, { target: target.leak }, measure)
        : await refineRange(words.neurons.leak, { target: target.leak, probes: PROBES }, measure);
      words.neurons.leak.set(found.code);
      measured.leak = await measure(words.neurons.leak, "thorough");
      return { target: target.leak, before, after: measured.leak };
    },
  };
}
