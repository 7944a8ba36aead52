/** Membrane time constant: the way from reset to leak after a refractory time. */

import { leakWords } from "../nominal.ts";
import { type DecayExposure, readMembraneTau } from "../observables/membrane-decay.ts";
import { type Effort, searchRatios } from "./neuron-search.ts";
import type { CalibrationStep } from "./step.ts";

const EXPOSURE: Readonly<Record<Effort, DecayExposure>> = {
  quick: { runs: 1, entries: 4 },
  normal: { runs: 1, entries: 8 },
  thorough: { runs: 1, entries: 32 },
};

const REACH = 4;

export function tauMemStep(after: CalibrationStep["after"]): CalibrationStep {
  return {
    name: "tau-mem",
    summary: "membrane time constant, from the way between reset and leak",
    after,
    tolerance: 0.09,
    unit: "relative",
    async run(context) {
      const { bench, measured } = context;
      const { target, words } = bench;
      const { leakBias, leakDivide, leakMultiply } = leakWords(target.tauMem);
      words.neurons.leakDivide.fill(leakDivide);
      words.neurons.leakMultiply.fill(leakMultiply);
      const measure = (code: Uint16Array, effort: Effort): Promise<Float64Array> =>
        readMembraneTau(bench, { leakBias: code }, target.tauMem, EXPOSURE[effort]);
      const before = await measure(words.neurons.leakBias, "thorough");
      const search = { target: target.tauMem, falling: true, expected: leakBias, reach: REACH };
      const found = await searchRatios(bench, search, measure);
      words.neurons.leakBias.set(found.code);
      measured.tauMem = await measure(words.neurons.leakBias, "thorough");
      return { target: target.tauMem, before, after: measured.tauMem };
    },
  };
}
