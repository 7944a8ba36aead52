/**
 * Refractory time: computed, then checked. The clock is the fastest one whose 8-bit counter holds the time, so that
 * the counter's steps matter least (electronicvisions/calix:src/py/calix/spiking/refractory_period.py computes too).
 */

import { refractorySetting } from "../observables/drive.ts";
import { readRefractory } from "../observables/refractory.ts";
import type { CalibrationStep } from "../steps/step.ts";
import type { CalibratedParameter } from "./parameter.ts";

const RUNS = 12;

export const refractory: CalibratedParameter = {
  name: "refractory",
  unit: "us",
  option: {
    summary: "Refractory time; 0 us: as short as the chip can.",
    unit: "us",
    defaultValue: 1,
    accepted: [0, 32],
    possible: [0, 66_000],
  },
  goal: (target) => target.refractory,
  // A goal of 0 asks for the shortest there is; long times have coarse counters.
  tolerance: (goal) => (goal === 0 ? 0.5 : Math.max(0.15, 0.02 * goal)),
  measure: (session) => readRefractory(session, 16),
};

export const refractoryStep: CalibrationStep = {
  name: "refractory",
  summary: "refractory counter and clock, computed and then checked against intervals between spikes",
  after: [
    { step: "threshold", reason: "neurons must fire on their own, with leaks above their thresholds" },
    { step: "leak", reason: "leaks are moved a known distance above the thresholds" },
  ],
  tolerance: 0.15,
  unit: "us",
  async run({ session, measured }) {
    const { target, words } = session;
    const before = await readRefractory(session, RUNS);
    const { counter, scale } = refractorySetting(target.refractory, "nearest");
    words.neurons.refractoryCounter.fill(counter);
    words.refractoryClocks.fill(scale);
    measured.refractory = await readRefractory(session, RUNS);
    return { target: target.refractory, before, after: measured.refractory };
  },
};
