/**
 * Refractory time: computed, then checked. The clock is the fastest one whose 8-bit counter holds the time, so that
 * the counter's steps matter least (electronicvisions/calix:src/py/calix/spiking/refractory_period.py computes too).
 */

import { refractorySetting } from "../observables/drive.ts";
import { readRefractory } from "../observables/refractory.ts";
import type { CalibrationStep } from "./step.ts";

const RUNS = 12;

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
    const { counter, scale } = refractorySetting(target.refractory, "nearest");
    words.neurons.refractoryCounter.fill(counter);
    words.refractoryClocks.fill(scale);
    measured.refractory = await readRefractory(bench, RUNS);
    return { target: target.refractory, before, after: measured.refractory };
  },
};
