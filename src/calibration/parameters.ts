/**
 * The parameters that a calibration answers for: how each is measured with given words, which word makes neurons equal
 * or unequal, and how far from the target a neuron may be. Serves the final measurement, the quality table and
 * `--check`; the steps have their own, cheaper looks.
 */

import type { NeuronWords } from "../chip/types.ts";
import { readMembraneTau } from "./observables/membrane-decay.ts";
import { readRefractory } from "./observables/refractory.ts";
import { readReset } from "./observables/reset.ts";
import { readRest } from "./observables/rest.ts";
import { readStrength } from "./observables/strength.ts";
import { readSynapticTau } from "./observables/synaptic-decay.ts";
import { readThreshold } from "./observables/threshold.ts";
import { RESIDUAL } from "./residual.ts";
import type { CalibrationTarget, MeasuredNeurons } from "./types.ts";
import type { WordChange } from "./words.ts";
import type { Workbench } from "./workbench.ts";

export interface CalibratedParameter {
  readonly name: keyof MeasuredNeurons;
  readonly unit: string;
  /** The neuron word that sets it; none where it is computed. */
  readonly word?: keyof NeuronWords;
  /** @param strength what counts as the target of the strengths, which no target names */
  target(target: CalibrationTarget, strength: number): number;
  /** Largest accepted distance from a target of this size, in `unit`. */
  tolerance(target: number): number;
  /** Standard deviation that real calibrations leave around a target of this size, in `unit`; residual.ts. */
  residual(target: number): number;
  /** With the workbench's words and `change` in them. @param known values that the measurement builds on */
  measure(bench: Workbench, change: WordChange, known: MeasuredNeurons): Promise<Float64Array>;
}

/**
 * Tolerances: for potentials and time constants what a calibration of the real chip leaves, as two standard deviations
 * (electronicvisions/calix:tests/hw/py/test_neuron_distribution.py, accepted ratio times the spread of a real chip:
 * docs/realism.md); strengths twice 5 %. Three deviations of the residual that a target asks for come on top.
 */
export const PARAMETERS: readonly CalibratedParameter[] = [
  {
    name: "tauMem",
    unit: "us",
    word: "leakBias",
    target: ({ tauMem }) => tauMem,
    tolerance: (target) => 0.09 * target,
    residual: (target) => RESIDUAL.tauMem * target,
    measure: (bench, change) => readMembraneTau(bench, change, bench.target.tauMem, { runs: 2, entries: 32 }),
  },
  {
    name: "tauSynExc",
    unit: "us",
    word: "synExcTau",
    target: ({ tauSynExc }) => tauSynExc,
    tolerance: (target) => 0.11 * target,
    residual: (target) => RESIDUAL.tauSyn * target,
    measure: (bench, change) => readSynapticTau(bench, "exc", change, bench.target.tauSynExc),
  },
  {
    name: "tauSynInh",
    unit: "us",
    word: "synInhTau",
    target: ({ tauSynInh }) => tauSynInh,
    tolerance: (target) => 0.11 * target,
    residual: (target) => RESIDUAL.tauSyn * target,
    measure: (bench, change) => readSynapticTau(bench, "inh", change, bench.target.tauSynInh),
  },
  {
    name: "strengthExc",
    unit: "LSB/us",
    word: "synExcGm",
    target: (_, strength) => strength,
    tolerance: (target) => 0.1 * target,
    residual: (target) => RESIDUAL.strength * target,
    measure: (bench, change, { tauMem, tauSynExc }) =>
      readStrength(bench, change, { sign: "exc", tauMem, tauSyn: tauSynExc }, 32),
  },
  {
    name: "strengthInh",
    unit: "LSB/us",
    word: "synInhGm",
    target: (_, strength) => strength,
    tolerance: (target) => 0.1 * target,
    residual: (target) => RESIDUAL.strength * target,
    measure: (bench, change, { tauMem, tauSynInh }) =>
      readStrength(bench, change, { sign: "inh", tauMem, tauSyn: tauSynInh }, 32),
  },
  {
    name: "leak",
    unit: "LSB",
    word: "leak",
    target: ({ leak }) => leak,
    tolerance: () => 4,
    residual: () => RESIDUAL.leak,
    measure: (bench, change) => readRest(bench, change, 64),
  },
  {
    name: "reset",
    unit: "LSB",
    word: "reset",
    target: ({ reset }) => reset,
    tolerance: () => 4,
    residual: () => RESIDUAL.reset,
    measure: (bench, change) => readReset(bench, change, 8),
  },
  {
    name: "threshold",
    unit: "LSB",
    word: "threshold",
    target: ({ threshold }) => threshold,
    tolerance: () => 4,
    residual: () => RESIDUAL.threshold,
    measure: (bench, change) => readThreshold(bench, change, { runs: 64, entries: 1 }),
  },
  {
    name: "refractory",
    unit: "us",
    target: ({ refractory }) => refractory,
    // A target of 0 asks for the shortest there is; long times have coarse counters.
    tolerance: (target) => (target === 0 ? 0.5 : Math.max(0.15, 0.02 * target)),
    residual: () => 0,
    measure: (bench) => readRefractory(bench, 16),
  },
];
