/** Threshold potential: codes at which slowly rising membranes spike. */

import { NEURONS } from "../../chip/limits.ts";
import {
  LEAK_TRANSFER,
  leakSetting,
  OFFSET_CURRENT_PER_CODE,
  THRESHOLD_TRANSFER,
} from "../../chip/nominal.ts";
import type { CadcRecording, SpikeRecording } from "../../chip/types.ts";
import { refractorySetting } from "../released-traces.ts";
import type { Effort } from "../search.ts";
import type { CalibrationSession } from "../session.ts";
import { forEachSpike } from "../traces.ts";
import { dithered, scattered, shifted, type WordChange } from "../words.ts";
import { type CalibratedParameter, type CalibrationStep, linearResidual } from "./parameter.ts";
import { type PotentialStep, potentialStep } from "./potential.ts";

const RUNS: Readonly<Record<Effort, number>> = { quick: 2, normal: 8, thorough: 24 };
const TOLERANCE = 4;

export const threshold: CalibratedParameter = {
  name: "threshold",
  unit: "LSB",
  register: "threshold",
  option: {
    summary: "Potential at which a neuron spikes.",
    unit: "LSB",
    defaultValue: 150,
    accepted: [50, 220],
    possible: [20, 220],
  },
  goal: (target) => target.threshold,
  tolerance: () => TOLERANCE,
  residual: linearResidual(2.2, THRESHOLD_TRANSFER.slope),
  measure: (session, change) => readThreshold(session, change, { runs: 64, entries: 1 }),
};

export function thresholdStep(step: PotentialStep): CalibrationStep {
  return potentialStep(
    {
      name: "threshold",
      tolerance: TOLERANCE,
      probes: [-18, -12, -6, 0, 6, 12, 18],
      read: (session, code, effort) =>
        readThreshold(session, { threshold: code }, { runs: RUNS[effort], entries: 1 }),
    },
    step,
  );
}

// The measurement -------------------------------------------------------------------------------------------

// Threshold potential: membranes creep up towards a leak far above threshold, sampled by the CADC; a spike's time
// stamp tells when the threshold was met. The last samples before each spike, carried on to the time of the spike,
// give the potential there. Slow membranes make the unknown sampling phase harmless: 1 LSB/µs at most, and its mean
// is known. A time d before the spike the membrane was at
//
//     V(d) = ϑ − s · x,   x = τ (exp(d/τ) − 1)        s: slope at the crossing, τ ≈ 50 µs
//
// which is a line in x. (A line in d lies 0.3 LSB too high at the spike, because the rise is bent.)

const TAU_MEM = 50;
export const CREEP_DURATION = 150;
/** Long enough that a neuron whose threshold lies below its reset cannot flood the link. */
export const CREEP_REFRACTORY = 12;
/** Samples used: those in the last µs before the spike. */
const WINDOW = 12;
/** Spikes per entry above which rises are shorter than the window. */
const OFTEN = 3;
/** Leak above the target's threshold, LSB: sets the slope at the crossing. */
const ABOVE = 50;
/** Highest leak asked of the leak's words. */
const HIGHEST_LEAK = 205;
/** Leak codes differ by up to this much, so that equal neurons do not spike together. */
const SCATTER = 24;
/** What an offset current adds, LSB: the words of a low leak end too early alone. */
const LIFT = 45;

export interface ThresholdOptions {
  readonly runs: number;
  readonly entries: number;
}

/**
 * CADC codes per neuron (512). +Infinity: no spike, the threshold lies above the leak; −Infinity: spikes follow each
 * other so fast that it lies at the reset or below.
 */
export async function readThreshold(
  session: CalibrationSession,
  change: WordChange,
  { runs, entries }: ThresholdOptions,
): Promise<Float64Array> {
  const { timing } = session;
  await configureCreeping(session, change);
  const lines = createCrossings(timing.cadcLagPeriods, timing.spikeLatency);
  const measurement = {
    runs,
    entries,
    duration: CREEP_DURATION,
    spikes: true,
    cadc: { memory: "sram" },
  } as const;
  await session.measure(measurement, ({ spikes, cadc }) => {
    if (cadc !== undefined) lines.add(spikes, cadc);
  });
  return lines.potentials();
}

/** Membranes that rise slowly to their thresholds, again and again, at moments of their own. */
export async function configureCreeping(session: CalibrationSession, change: WordChange): Promise<void> {
  const { target, draws } = session;
  const { counter, scale } = refractorySetting(CREEP_REFRACTORY);
  const slow = leakSetting(TAU_MEM);
  const leak = Math.min(target.threshold + ABOVE - LIFT, HIGHEST_LEAK);
  await session.configure(
    {
      leak: scattered(
        shifted(session.words.neurons.leak, (leak - target.leak) / LEAK_TRANSFER.slope),
        draws,
        SCATTER,
      ),
      leakBias: dithered(slow.leakBias, draws),
      leakDivide: slow.leakDivide,
      leakMultiply: slow.leakMultiply,
      offsetCurrent: Math.round(LIFT / (TAU_MEM * OFFSET_CURRENT_PER_CODE)),
      offsetCurrentOn: 1,
      synExcOn: 0,
      synInhOn: 0,
      ...change,
      thresholdOn: 1,
      eventsOn: 1,
      refractoryCounter: counter,
    },
    { fastClock: scale },
  );
}

/** Collects samples by their distance before a spike, and draws one line per neuron through them. */
function createCrossings(lagPeriods: number, latency: number) {
  const n = new Float64Array(NEURONS);
  const x = new Float64Array(NEURONS);
  const y = new Float64Array(NEURONS);
  const xx = new Float64Array(NEURONS);
  const xy = new Float64Array(NEURONS);
  const spikeCount = new Float64Array(NEURONS);
  const previous = new Float64Array(NEURONS);
  const previousEntry = new Int32Array(NEURONS);
  let entries = 0;

  const addWindow = (cadc: CadcRecording, neuron: number, entry: number, crossing: number): void => {
    const { code, samples, nominalTime } = cadc;
    const period = nominalTime[1]! - nominalTime[0]!;
    const lag = lagPeriods * period;
    // The phase may be late by up to half a period more than its mean: stay clear of the reset that follows.
    let k = Math.floor((crossing - lag - nominalTime[0]!) / period - 0.5);
    k = Math.min(k, samples - 1);
    for (; k >= 0; k--) {
      const distance = crossing - nominalTime[k]! - lag;
      if (distance > WINDOW) break;
      const value = code[(entry * samples + k) * NEURONS + neuron]!;
      const along = TAU_MEM * Math.expm1(distance / TAU_MEM);
      n[neuron]!++;
      x[neuron]! += along;
      y[neuron]! += value;
      xx[neuron]! += along * along;
      xy[neuron]! += along * value;
    }
  };

  return {
    add(spikes: SpikeRecording, cadc: CadcRecording): void {
      entries += cadc.code.length / (cadc.samples * NEURONS);
      previousEntry.fill(-1);
      forEachSpike(spikes, (neuron, entry, time) => {
        spikeCount[neuron]!++;
        const before = previousEntry[neuron] === entry ? previous[neuron]! : Number.NEGATIVE_INFINITY;
        previous[neuron] = time;
        previousEntry[neuron] = entry;
        // The membrane must have been on its way, free of the reset, during all of the window.
        const free = before === Number.NEGATIVE_INFINITY ? 0 : before + CREEP_REFRACTORY;
        if (time - WINDOW > free + 1) addWindow(cadc, neuron, entry, time - latency);
      });
    },
    potentials: () =>
      Float64Array.from({ length: NEURONS }, (_, i) => {
        const count = n[i]!;
        if (count < 4) {
          const often = spikeCount[i]! > OFTEN * entries;
          return often ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
        }
        const determinant = count * xx[i]! - x[i]! ** 2;
        return (xx[i]! * y[i]! - x[i]! * xy[i]!) / determinant;
      }),
  };
}
