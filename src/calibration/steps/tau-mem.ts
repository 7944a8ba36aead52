/** Membrane time constant: the way from reset to leak after a refractory time. */

import { leakSetting } from "../../chip/nominal.ts";
import { readMembraneTau } from "../observables/membrane-decay.ts";
import type { DecayExposure } from "../observables/released-traces.ts";
import { dithered } from "../words.ts";
import { type Effort, followPowerLaw } from "./neuron-search.ts";
import type { CalibrationStep } from "./step.ts";

const EXPOSURE: Readonly<Record<Effort, DecayExposure>> = {
  quick: { runs: 1, entries: 4 },
  normal: { runs: 1, entries: 12 },
  thorough: { runs: 1, entries: 32 },
};

export function tauMemStep(after: CalibrationStep["after"]): CalibrationStep {
  return {
    name: "tau-mem",
    summary: "membrane time constant, from the way between reset and leak",
    after,
    tolerance: 0.09,
    unit: "relative",
    async run(context) {
      const { bench, measured } = context;
      const { target, words, draws } = bench;
      const { leakBias, leakDivide, leakMultiply } = leakSetting(target.tauMem);
      words.neurons.leakDivide.fill(leakDivide);
      words.neurons.leakMultiply.fill(leakMultiply);
      const measure = (code: Uint16Array, effort: Effort): Promise<Float64Array> =>
        readMembraneTau(bench, { leakBias: code }, target.tauMem, EXPOSURE[effort]);
      const start = dithered(leakBias, draws);
      const before = await measure(start, "thorough");
      const found = await followPowerLaw(start, target.tauMem, measure);
      words.neurons.leakBias.set(found.code);
      measured.tauMem = await measure(words.neurons.leakBias, "thorough");
      return { target: target.tauMem, before, after: measured.tauMem };
    },
  };
}
