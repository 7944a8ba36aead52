/** Clocks of the readout: mean lag of CADC samples, latency of spike time stamps. */

import { COLUMNS, COLUMNS_PER_EVENT_OUTPUT, NEURONS, PADI_BUSES } from "../../chip/limits.ts";
import { LEAK_TRANSFER } from "../../chip/nominal.ts";
import type { Lsb, Microseconds } from "../../core/units.ts";
import { readRest } from "../parameters/leak.ts";
import type { CalibrationStep } from "../parameters/parameter.ts";
import { CREEP_DURATION, CREEP_REFRACTORY, configureCreeping } from "../parameters/threshold.ts";
import { fitLine } from "../search.ts";
import type { CalibrationSession } from "../session.ts";
import { median } from "../spread.ts";
import { type StimulusOptions, stimulusLabel } from "../stimulus.ts";
import { forEachSpike } from "../traces.ts";
import { shifted } from "../words.ts";

const LAG_RUNS = 16;
const LATENCY_RUNS = 8;

export const cadcLag: CalibrationStep = {
  name: "cadc-lag",
  summary: "mean delay of CADC samples, from the fall to the reset at spikes",
  after: [
    { step: "reset", reason: "the fall ends at a known depth" },
    { step: "spike-latency", reason: "samples are compared with the times of spikes" },
  ],
  tolerance: 0.1,
  unit: "relative",
  async run({ session }) {
    const before = session.timing.cadcLagPeriods;
    const lag = await readCadcLag(session, LAG_RUNS);
    if (Number.isFinite(lag)) session.timing.cadcLagPeriods = lag;
    return { target: lag, before: Float64Array.of(before), after: Float64Array.of(lag) };
  },
};

export const spikeLatency: CalibrationStep = {
  name: "spike-latency",
  summary: "delay of spike time stamps, from crossings ever closer to the onset of a strong current",
  after: [
    { step: "threshold", reason: "distances to the threshold are what times are compared with" },
    { step: "tau-mem", reason: "the curve of the rise depends on it" },
  ],
  tolerance: 0.05,
  unit: "us",
  async run({ session, measured }) {
    const before = session.timing.spikeLatency;
    const latency = await readSpikeLatency(session, measured.threshold, LATENCY_RUNS);
    if (Number.isFinite(latency)) session.timing.spikeLatency = latency;
    return { target: latency, before: Float64Array.of(before), after: Float64Array.of(latency) };
  },
};

// The latency of spikes -------------------------------------------------------------------------------------

// Latency of spike time stamps. At the onset of a strong current a membrane rises by the same curve whatever its
// distance d to the threshold, and the crossing time goes to zero with d. Stamps against measured distances, per
// neuron a line carried on to d = 0, leave the latency.
//
// Few neurons send events at a time: in a burst of many, events queue and their stamps are late.

const START = 5;
/** Distances of the leak below the threshold. */
const DISTANCES: readonly Lsb[] = [9, 13, 17, 21];
const DURATION = 10;
const ENTRIES = 8;
const STIMULUS = { group: 32, weight: 63 } as const satisfies StimulusOptions;
/** One neuron per event output and hemisphere sends events. */
const SENDER = 7;

/** µs; NaN when too few neurons answer. @param threshold as measured, LSB per neuron */
async function readSpikeLatency(
  session: CalibrationSession,
  threshold: Float64Array,
  runs: number,
): Promise<Microseconds> {
  const senders = Uint8Array.from({ length: NEURONS }, (_, neuron) =>
    (neuron % COLUMNS) % COLUMNS_PER_EVENT_OUTPUT === SENDER ? 1 : 0,
  );
  const distance: Float64Array[] = [];
  const stamp: Float64Array[] = [];
  for (const below of DISTANCES) {
    const potential = session.target.threshold - below;
    const leak = shifted(session.words.neurons.leak, (potential - session.target.leak) / LEAK_TRANSFER.slope);
    const rest = await readRest(session, { leak }, runs);
    distance.push(threshold.map((one, neuron) => one - rest[neuron]!));
    await session.configure({ leak, thresholdOn: senders, eventsOn: senders }, { stimulus: STIMULUS });
    stamp.push(await readFirstSpikes(session, runs));
  }
  const latencies: number[] = [];
  for (let neuron = 0; neuron < NEURONS; neuron++) {
    if (senders[neuron] === 0) continue;
    const latency = latencyFrom(
      distance.map((values) => values[neuron]!),
      stamp.map((values) => values[neuron]!),
      session.target.tauMem,
    );
    if (latency !== undefined) latencies.push(latency);
  }
  return latencies.length < 3 ? Number.NaN : median(latencies);
}

/**
 * A constant current I lifts the membrane by d in t = −τ_m ln(1 − d / (I τ_m)), nearly d / I. A first line gives I, a
 * second one through the exact times the intercept.
 */
function latencyFrom(distance: number[], stamp: number[], tauMem: Microseconds): Microseconds | undefined {
  const first = fitLine(distance, stamp);
  if (first === undefined) return undefined;
  const rise = distance.map((d) => -tauMem * Math.log(1 - (d * first.slope) / tauMem));
  return fitLine(rise, stamp)?.intercept;
}

/** Mean time of the first spike after the stimulus, relative to it, per neuron; NaN without. */
async function readFirstSpikes(session: CalibrationSession, runs: number): Promise<Float64Array> {
  const sum = new Float64Array(NEURONS);
  const count = new Float64Array(NEURONS);
  const seen = new Int32Array(NEURONS);
  const measurement = {
    runs,
    entries: ENTRIES,
    duration: DURATION,
    events: () =>
      Array.from({ length: PADI_BUSES }, (_, bus) => ({ time: START, label: stimulusLabel(bus, 0, "exc") })),
    spikes: true,
  } as const;
  await session.measure(measurement, ({ spikes }) => {
    seen.fill(-1);
    forEachSpike(spikes, (neuron, entry, time) => {
      if (time < START || time > START + 2 || seen[neuron] === entry) return;
      seen[neuron] = entry;
      sum[neuron]! += time - START;
      count[neuron]!++;
    });
  });
  return sum.map((total, neuron) => total / count[neuron]!);
}

// The lag of samples ----------------------------------------------------------------------------------------

// How late CADC samples are taken on average. A spike ends a slow rise with a sharp fall to the reset: counting, per
// spike, the samples that already show the reset against those expected at nominal times gives the lag,
//
//     first sample after the fall: k = ⌈x − lag⌉,  x = (spike − start) / period,  mean of ⌈y⌉ − y = 1/2
//
// averaged over spikes that fall anywhere between two samples.

/** Samples before and after the spike among which the fall is looked for. */
const BEFORE = 3;
/** Earlier spikes may stem from the resting state at the start of an entry. */
const EARLIEST = 20;

/** Mean lag in sampling periods; NaN when hardly any neuron spiked. */
async function readCadcLag(session: CalibrationSession, runs: number): Promise<number> {
  const { target, timing } = session;
  await configureCreeping(session, {});
  const middle = (target.threshold + target.reset) / 2;
  let sum = 0;
  let count = 0;
  const measurement = {
    runs,
    entries: 4,
    duration: CREEP_DURATION,
    spikes: true,
    cadc: { memory: "sram" },
  } as const;
  await session.measure(measurement, ({ spikes, cadc }) => {
    if (cadc === undefined) return;
    const { code, samples, nominalTime } = cadc;
    const start = nominalTime[0]!;
    const period = nominalTime[1]! - start;
    const after = Math.floor(CREEP_REFRACTORY / period) - 1;
    forEachSpike(spikes, (neuron, entry, time) => {
      const x = (time - timing.spikeLatency - start) / period;
      const end = Math.floor(x) + after;
      if (time < EARLIEST || end >= samples) return;
      let k = Math.floor(x) - BEFORE;
      while (k < end && code[(entry * samples + k) * NEURONS + neuron]! > middle) k++;
      sum += x - k + 0.5;
      count++;
    });
  });
  return count < NEURONS ? Number.NaN : sum / count;
}
