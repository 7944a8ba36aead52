/** Synaptic time constant of one sign: decays of postsynaptic potentials behind a fast membrane. */

import { slowSynapses } from "../nominal.ts";
import type { DecayExposure } from "../observables/membrane-decay.ts";
import { readSynapticTau } from "../observables/synaptic-decay.ts";
import type { Sign } from "../stimulus.ts";
import type { Effort } from "./effort.ts";
import { searchWord } from "./neuron-search.ts";
import type { CalibrationStep } from "./step.ts";

const EXPOSURE: Readonly<Record<Effort, DecayExposure>> = {
  quick: { runs: 1, entries: 8 },
  normal: { runs: 1, entries: 32 },
  thorough: { runs: 2, entries: 48 },
};

export function tauSynStep(sign: Sign, after: CalibrationStep["after"]): CalibrationStep {
  const word = sign === "exc" ? "synExcTau" : "synInhTau";
  const parameter = sign === "exc" ? "tauSynExc" : "tauSynInh";
  return {
    name: sign === "exc" ? "tau-syn-exc" : "tau-syn-inh",
    summary: `${sign === "exc" ? "excitatory" : "inhibitory"} synaptic time constant, from the decay of potentials`,
    after,
    tolerance: 0.12,
    unit: "relative",
    async run(context) {
      const { bench, measured } = context;
      const { target, words } = bench;
      const goal = target[parameter];
      words.neurons.synHighResistance.fill(slowSynapses(target.tauSynExc, target.tauSynInh) ? 1 : 0);
      const measure = (code: Uint16Array, effort: Effort): Promise<Float64Array> =>
        readSynapticTau(bench, sign, { [word]: code }, goal, EXPOSURE[effort]);
      const before = await measure(words.neurons[word], "thorough");
      const found = await searchWord(
        context,
        {
          target: goal,
          falling: true,
          line: [-0.12, -0.06, 0, 0.06, 0.12],
          relativeLine: true,
          logarithmic: true,
        },
        // Nothing to see means too fast to be seen; a dead neuron ends at the bound and is found there.
        async (code, effort) => (await measure(code, effort)).map((tau) => (Number.isNaN(tau) ? 0 : tau)),
      );
      words.neurons[word].set(found.code);
      measured[parameter] = await measure(words.neurons[word], "thorough");
      return { target: goal, before, after: measured[parameter] };
    },
  };
}
