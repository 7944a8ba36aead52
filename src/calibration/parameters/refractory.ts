/**
 * Refractory time: computed, then checked. The clock is the fastest one whose 8-bit counter holds the time, so that
 * the counter's steps matter least (electronicvisions/calix:src/py/calix/spiking/refractory_period.py computes too).
 */

import { NEURONS } from "../../chip/limits.ts";
import { holdOffCycles, LEAK_TRANSFER, leakSetting, OFFSET_CURRENT_PER_CODE } from "../../chip/nominal.ts";
import { refractorySetting } from "../released-traces.ts";
import type { CalibrationSession } from "../session.ts";
import { average, median } from "../spread.ts";
import { forEachSpike } from "../traces.ts";
import { dithered, shifted, type WordChange } from "../words.ts";
import type { CalibratedParameter, CalibrationStep } from "./parameter.ts";

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

// The measurement -------------------------------------------------------------------------------------------

// Refractory time: with its leak above threshold a neuron fires on its own; the interval between spikes is the
// refractory time plus a rise that does not depend on it. Two longer counters give the clock and take out the rise:
//
//     clock = (T(n₃) − T(n₂)) / (n₃ − n₂)        t(n₁) = (n₂ − hold-off) · clock − (T(n₂) − T(n₁))
//
// where t is how long the membrane is held at its reset. The membrane is made fast, so that the rise is short and hardly
// varies from run to run. It is not made faster than the offset current can lift it.

const TAU_MEM = 4;
/** Leak above threshold, LSB, and what an offset current adds: few leak words reach far enough alone. */
const ABOVE = 20;
const LIFT = 45;
const HIGHEST_LEAK = 205;
const DURATION = 60;
/** Shares of the 8-bit counter at which the clock is measured. */
const LONG = [128, 255] as const;

/** µs per neuron (512); NaN where a neuron did not fire regularly. */
async function readRefractory(session: CalibrationSession, runs: number): Promise<Float64Array> {
  const { refractoryCounter: own, holdOff } = session.words.neurons;
  const firing = firingWords(session);
  const short = await readInterval(session, { ...firing, refractoryCounter: own }, runs);
  const middle = await readInterval(session, { ...firing, refractoryCounter: LONG[0] }, runs);
  const long = await readInterval(session, { ...firing, refractoryCounter: LONG[1] }, runs);
  return Float64Array.from({ length: NEURONS }, (_, n) => {
    const clock = (long[n]! - middle[n]!) / (LONG[1] - LONG[0]);
    return (LONG[0] - holdOffCycles(holdOff[n]!)) * clock - (middle[n]! - short[n]!);
  });
}

/** Words of neurons that fire on their own; the leak's word and the offset current share the lift. */
function firingWords({ target, words, draws }: CalibrationSession): WordChange {
  const fast = leakSetting(TAU_MEM);
  const leak = Math.min(target.threshold + ABOVE, HIGHEST_LEAK);
  return {
    leak: shifted(words.neurons.leak, (leak - target.leak) / LEAK_TRANSFER.slope),
    leakBias: dithered(fast.leakBias, draws),
    leakDivide: fast.leakDivide,
    leakMultiply: fast.leakMultiply,
    offsetCurrent: dithered(LIFT / (TAU_MEM * OFFSET_CURRENT_PER_CODE), draws),
    offsetCurrentOn: 1,
    thresholdOn: 1,
    eventsOn: 1,
  };
}

/** Mean interval between spikes, per neuron; NaN without regular spikes. */
async function readInterval(
  session: CalibrationSession,
  firing: WordChange,
  runs: number,
): Promise<Float64Array> {
  await session.configure(firing);
  const { target, words } = session;
  const longest = (8 * (target.refractory * 255)) / Math.max(1, words.neurons.refractoryCounter[0]!);
  const intervals = createIntervals();
  const measurement = { runs, entries: 1, duration: Math.max(DURATION, longest), spikes: true };
  await session.measure(measurement, ({ spikes }) => {
    intervals.start();
    forEachSpike(spikes, intervals.add);
  });
  return intervals.mean();
}

/** Intervals of successive spikes of each neuron; lost spikes make some of them double. */
function createIntervals() {
  const all: number[][] = Array.from({ length: NEURONS }, () => []);
  const last = new Float64Array(NEURONS);
  return {
    start(): void {
      last.fill(Number.NaN);
    },
    add(neuron: number, _entry: number, time: number): void {
      const interval = time - last[neuron]!;
      last[neuron] = time;
      if (interval > 0) (all[neuron] as number[]).push(interval);
    },
    mean: () => Float64Array.from(all, meanNearMedian),
  };
}

/**
 * Mean of the intervals within half a median of the median, which leaves out the double ones. All others count: of
 * stamps that are rounded to ticks only the mean, not the middle, is free of the rounding.
 */
function meanNearMedian(intervals: readonly number[]): number {
  if (intervals.length < 4) return Number.NaN;
  const middle = median(intervals);
  return average(intervals.filter((one) => Math.abs(one - middle) < middle / 2));
}
