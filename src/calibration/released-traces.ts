/**
 * How a calibration makes all neurons spike at once, holds them at their reset, and watches how the membranes leave it.
 */

import {
  CADC_DRAM_PERIOD_US,
  CADC_SRAM_PERIOD_US,
  HOLD_OFF_MAX,
  MADC_PERIOD_US,
  NEURONS,
  PADI_BUSES,
  REFRACTORY_COUNTER_MAX,
} from "../chip/limits.ts";
import { holdOffCycles, refractoryClockPeriod, resetCycles } from "../chip/nominal.ts";
import type { Microseconds } from "../core/units.ts";
import { fitDecay } from "./fits.ts";
import { clamp } from "./search.ts";
import type { CalibrationSession, HostEvent } from "./session.ts";
import { type StimulusOptions, stimulusLabel } from "./stimulus.ts";
import { createFastTrace, createFoldedTrace, createMeanLevel, forEachSpike } from "./traces.ts";

// Driving all neurons at once -------------------------------------------------------------------------------

/** 8 drivers at full weight per event: 504 weight units, near the saturation of an input. */
export const DRIVE = { group: 8, weight: 63 } as const satisfies StimulusOptions;

const EVENTS = 12;
const SPACING = 0.4;
/** Time from the first event after which every healthy neuron has spiked. */
export const DRIVE_LENGTH: Microseconds = EVENTS * SPACING + 1;

/** Events of one train that begins at `start`. */
export function driveTrain(start: Microseconds): HostEvent[] {
  return Array.from({ length: EVENTS }, (_, k) => ({
    time: start + k * SPACING,
    label: stimulusLabel(k % PADI_BUSES, 0, "exc"),
  }));
}

export interface RefractorySetting {
  readonly counter: number;
  /** Of the clock. */
  readonly scale: number;
  /** How long the reset then lasts. */
  readonly held: Microseconds;
}

/**
 * Counter and finest clock that hold neurons at their reset for at least `time`, or for the time nearest to it, with the
 * shortest hold-off: the counter has one cycle more than the reset.
 */
export function refractorySetting(time: Microseconds, round: "up" | "nearest" = "up"): RefractorySetting {
  let scale = 0;
  while (scale < 15 && time / refractoryClockPeriod(scale) > REFRACTORY_COUNTER_MAX - 1) scale++;
  const exact = time / refractoryClockPeriod(scale);
  const cycles = round === "up" ? Math.ceil(exact - 1e-9) : Math.round(exact);
  const counter = clamp(cycles, 1, REFRACTORY_COUNTER_MAX - 1) + holdOffCycles(HOLD_OFF_MAX);
  return { counter, scale, held: resetCycles(counter, HOLD_OFF_MAX) * refractoryClockPeriod(scale) };
}

// The way back from the reset -------------------------------------------------------------------------------

// Traces of membranes that are released from a long reset, folded at the release of each neuron: of all neurons in
// parallel by the CADC, whose samples are far apart, or of one after the other by the fast converter.

export interface DecayConditions {
  readonly expected: Microseconds;
  /** Refractory time after the driven spike, and how long the decay after it is watched. */
  readonly held: Microseconds;
  readonly watch: Microseconds;
}

export interface DecayMeasurement {
  readonly runs: number;
  readonly entries: number;
}

/** Time constants that are told apart, relative to the expected one. */
const SHORTEST = 1 / 8;
const LONGEST = 8;
/** Length of an entry that the fast memory of the CADC can hold, µs. */
const SRAM_DURATION = 150;
/** Entries per neuron of the fast converter: a spike may get lost. */
const FAST_ENTRIES = 6;
/** Start of the drive: the fast converter is unreliable at first. */
const FAST_LEAD = 10;
const LEAD = 2;

/** τ in µs of all neurons (512), by the CADC. */
export async function readParallelDecays(
  session: CalibrationSession,
  { expected, held, watch }: DecayConditions,
  { runs, entries }: DecayMeasurement,
): Promise<Float64Array> {
  const interval = DRIVE_LENGTH + held + watch + 2;
  const memory = LEAD + interval < SRAM_DURATION ? "sram" : "dram";
  const period = memory === "sram" ? CADC_SRAM_PERIOD_US : CADC_DRAM_PERIOD_US;
  const room = memory === "sram" ? SRAM_DURATION - LEAD : 2 * interval;
  const starts = Array.from(
    { length: Math.max(1, Math.floor(room / interval)) },
    (_, k) => LEAD + k * interval,
  );
  const fold = createFoldedTrace(Math.max(6, Math.floor(watch / period)));
  const rest = createMeanLevel();
  const measurement = {
    runs,
    entries,
    duration: LEAD + starts.length * interval,
    // Equivalent-time sampling also where the converter has no phase of its own.
    events: (entry: number) => starts.flatMap((start) => driveTrain(start + (entry * period) / entries)),
    spikes: true,
    cadc: { memory },
  } as const;
  await session.measure(measurement, ({ spikes, cadc }) => {
    if (cadc === undefined) return;
    rest.add(cadc, Number.NEGATIVE_INFINITY, LEAD - period);
    forEachSpike(spikes, (neuron, entry, time) => {
      fold.addOne(cadc, entry, neuron, time + held, time + held + watch);
    });
  });
  const level = rest.mean();
  const options = { period, shortest: SHORTEST * expected, longest: LONGEST * expected };
  return Float64Array.from({ length: NEURONS }, (_, neuron) => {
    const { value, weight } = fold.trace(neuron);
    const before = { value: level[neuron]!, weight: rest.count };
    return fitDecay(value, weight, 0, fold.length, { ...options, rest: before }).tau;
  });
}

/** τ in µs of all neurons (512), by the fast converter. */
export async function readSingleDecays(
  session: CalibrationSession,
  { expected, held, watch }: DecayConditions,
): Promise<Float64Array> {
  const trace = createFastTrace(watch);
  const period = trace.step * MADC_PERIOD_US;
  const options = { period, shortest: SHORTEST * expected, longest: LONGEST * expected };
  const tau = new Float64Array(NEURONS);
  for (let neuron = 0; neuron < NEURONS; neuron++) {
    const measurement = {
      runs: 1,
      entries: FAST_ENTRIES,
      duration: FAST_LEAD + DRIVE_LENGTH + held + watch,
      events: () => driveTrain(FAST_LEAD),
      spikes: true,
      madc: { neuron, source: "membrane" },
    } as const;
    trace.clear();
    await session.measure(measurement, ({ spikes, madc }) => {
      if (madc === undefined) return;
      const { samples, code } = madc;
      forEachSpike(spikes, (sender, entry, time) => {
        if (sender !== neuron) return;
        trace.add(code.subarray(entry * samples, (entry + 1) * samples), time + held);
      });
    });
    tau[neuron] = fitDecay(trace.mean(), trace.weight(), 0, trace.length, options).tau;
  }
  return tau;
}
