/** Synaptic time constant of one sign: decays of postsynaptic potentials behind a fast membrane. */

import { slowSynapses, synapseTauCode } from "../nominal.ts";
import type { DecayExposure } from "../observables/membrane-decay.ts";
import { readSynapticTau } from "../observables/synaptic-decay.ts";
import type { Sign } from "../stimulus.ts";
import { type Effort, searchRatios } from "./neuron-search.ts";
import type { CalibrationStep } from "./step.ts";

const EXPOSURE: Readonly<Record<Effort, DecayExposure>> = {
  quick: { runs: 1, entries: 16 },
  normal: { runs: 1, entries: 32 },
  thorough: { runs: 2, entries: 48 },
};

/** The law's coefficient differs between revisions of the chip by more than two; neurons by 30 %. */
const REACH = 8;

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
      const slow = slowSynapses(target.tauSynExc, target.tauSynInh);
      words.neurons.synHighResistance.fill(slow ? 1 : 0);
      const measure = (code: Uint16Array, effort: Effort): Promise<Float64Array> =>
        readSynapticTau(bench, sign, { [word]: code }, goal, EXPOSURE[effort]);
      const before = await measure(words.neurons[word], "thorough");
      const search = { target: goal, falling: true, expected: synapseTauCode(goal, slow), reach: REACH };
      const found = await searchRatios(bench, search, measure);
      words.neurons[word].set(found.code);
      measured[parameter] = await measure(words.neurons[word], "thorough");
      return { target: goal, before, after: measured[parameter] };
    },
  };
}
