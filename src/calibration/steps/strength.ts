/**
 * Synaptic strength of one sign, by the bias of the synaptic input (gm). The target is what the median neuron has at
 * the code of the target: first measured on the excitatory inputs, then kept for the inhibitory ones, so that both
 * signs match (electronicvisions/calix:src/py/calix/spiking/neuron_calib_parts.py does the same).
 */

import type { Sign } from "../../chip/nominal.ts";
import { readStrength } from "../observables/strength.ts";
import { median } from "../spread.ts";
import { dithered } from "../words.ts";
import { type Effort, followPowerLaw } from "./neuron-search.ts";
import type { CalibrationStep } from "./step.ts";

const RUNS: Readonly<Record<Effort, number>> = { quick: 2, normal: 6, thorough: 16 };

export function strengthStep(sign: Sign, after: CalibrationStep["after"]): CalibrationStep {
  const word = sign === "exc" ? "synExcGm" : "synInhGm";
  const parameter = sign === "exc" ? "strengthExc" : "strengthInh";
  return {
    name: `strength-${sign}`,
    summary: `${sign === "exc" ? "excitatory" : "inhibitory"} strength: plateau under regular events`,
    after,
    tolerance: 0.1,
    unit: "relative",
    async run(context) {
      const { bench, measured } = context;
      const { words } = bench;
      const tauSyn = sign === "exc" ? measured.tauSynExc : measured.tauSynInh;
      const conditions = { sign, tauMem: measured.tauMem, tauSyn };
      const measure = (code: Uint16Array, effort: Effort): Promise<Float64Array> =>
        readStrength(bench, { [word]: code }, conditions, RUNS[effort]);
      const start = dithered(bench.target.synapseGm, bench.draws);
      const before = await measure(start, "thorough");
      const target = sign === "exc" ? median(before) : median(measured.strengthExc);
      const found = await followPowerLaw(start, target, measure);
      words.neurons[word].set(found.code);
      measured[parameter] = await measure(words.neurons[word], "thorough");
      return { target, before, after: measured[parameter] };
    },
  };
}
