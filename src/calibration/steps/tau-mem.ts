/** Membrane time constant: the way from reset to leak after a refractory time. */

import { leakWords } from "../nominal.ts";
import { type DecayExposure, readMembraneTau } from "../observables/membrane-decay.ts";
import type { Effort } from "./effort.ts";
import { searchWord } from "./neuron-search.ts";
import type { CalibrationStep } from "./step.ts";

const EXPOSURE: Readonly<Record<Effort, DecayExposure>> = {
  quick: { runs: 1, entries: 4 },
  normal: { runs: 1, entries: 8 },
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
      const { target, words } = bench;
      const { leakDivide, leakMultiply } = leakWords(target.tauMem);
      words.neurons.leakDivide.fill(leakDivide);
      words.neurons.leakMultiply.fill(leakMultiply);
      const measure = (leakBias: Uint16Array, effort: Effort): Promise<Float64Array> =>
        readMembraneTau(bench, { leakBias }, target.tauMem, EXPOSURE[effort]);
      const before = await measure(words.neurons.leakBias, "thorough");
      const found = await searchWord(
        context,
        {
          target: target.tauMem,
          falling: true,
          line: [-0.12, -0.06, 0, 0.06, 0.12],
          relativeLine: true,
          logarithmic: true,
        },
        async (code, effort) => (await measure(code, effort)).map((tau) => (Number.isNaN(tau) ? 0 : tau)),
      );
      words.neurons.leakBias.set(found.code);
      measured.tauMem = await measure(words.neurons.leakBias, "thorough");
      return { target: target.tauMem, before, after: measured.tauMem };
    },
  };
}
