/**
 * Traces of membranes that are released from a long reset, folded at the release of each neuron: of all neurons in
 * parallel by the CADC, whose samples are far apart, or of one after the other by the fast converter.
 */

import { CADC_DRAM_PERIOD_US, CADC_SRAM_PERIOD_US, MADC_PERIOD_US, NEURONS } from "../../chip/limits.ts";
import type { Microseconds } from "../../core/units.ts";
import { fitDecay } from "../fits.ts";
import type { CalibrationSession } from "../session.ts";
import { DRIVE_LENGTH, driveTrain } from "./drive.ts";
import { createFastTrace } from "./fast-trace.ts";
import { createFoldedTrace, createMeanLevel } from "./mean-trace.ts";
import { forEachSpike } from "./spikes.ts";

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
