/**
 * Refractory time: computed, then checked. The clock is the fastest one whose 8-bit counter holds the time, so that
 * the counter's steps matter least (electronicvisions/calix:src/py/calix/spiking/refractory_period.py computes too).
 */

import { refractoryPeriod, refractoryWords } from "../observables/drive.ts";
import { readRefractory } from "../observables/refractory.ts";
import type { CalibrationStep } from "./step.ts";

const RUNS = 8;

export const refractory: CalibrationStep = {
  name: "refractory",
  summary: "refractory counter and clock, computed and then checked against intervals between spikes",
  after: [
    { step: "threshold", reason: "neurons must fire on their own, with leaks above their thresholds" },
    { step: "leak", reason: "leaks are moved a known distance above the thresholds" },
  ],
  tolerance: 0.15,
  unit: "us",
  async run({ bench, measured }) {
    const { target, words } = bench;
    const before = await readRefractory(bench, RUNS);
    const { cycles, scale } = nearest(target.refractory);
    words.neurons.refractoryCycles.fill(cycles);
    words.refractoryClockScale = scale;
    measured.refractory = await readRefractory(bench, RUNS);
    return { target: target.refractory, before, after: measured.refractory };
  },
};

/** Counter word nearest to the time at the finest clock that holds it. */
function nearest(time: number): { readonly cycles: number; readonly scale: number } {
  const { scale } = refractoryWords(time);
  return { cycles: Math.min(255, Math.max(1, Math.round(time / refractoryPeriod(scale)))), scale };
}
