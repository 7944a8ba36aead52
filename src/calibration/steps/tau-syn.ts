/** Synaptic time constant of one sign, from decays of synaptic lines. */

import { type Sign, synapticTauSetting } from "../../chip/nominal.ts";
import { readSynapticTau } from "../observables/synaptic-decay.ts";
import { dithered } from "../words.ts";
import { followPowerLaw } from "./neuron-search.ts";
import type { CalibrationStep } from "./step.ts";

export function tauSynStep(sign: Sign, after: CalibrationStep["after"]): CalibrationStep {
  const word = sign === "exc" ? "synExcTau" : "synInhTau";
  const mode = sign === "exc" ? "synExcHighResistance" : "synInhHighResistance";
  const parameter = sign === "exc" ? "tauSynExc" : "tauSynInh";
  return {
    name: sign === "exc" ? "tau-syn-exc" : "tau-syn-inh",
    summary: `${sign === "exc" ? "excitatory" : "inhibitory"} time constant, from decays of the synaptic line`,
    after,
    tolerance: 0.11,
    unit: "relative",
    async run({ bench, measured }) {
      const { target, words } = bench;
      const goal = target[parameter];
      const { code, highResistance } = synapticTauSetting(sign, goal);
      words.neurons[mode].fill(highResistance ? 1 : 0);
      const measure = (code: Uint16Array): Promise<Float64Array> =>
        readSynapticTau(bench, sign, { [word]: code }, goal);
      const start = dithered(code, bench.draws);
      const before = await measure(start);
      const found = await followPowerLaw(start, goal, measure);
      words.neurons[word].set(found.code);
      measured[parameter] = await measure(words.neurons[word]);
      return { target: goal, before, after: measured[parameter] };
    },
  };
}
