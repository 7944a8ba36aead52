/**
 * Latency of spike time stamps. At the onset of a strong current a membrane rises by the same curve whatever its
 * distance d to the threshold, and the crossing time goes to zero with d. Stamps against measured distances, per
 * neuron a line carried on to d = 0, leave the latency.
 *
 * Few neurons send events at a time: in a burst of many, events queue and their stamps are late.
 */

import { COLUMNS, COLUMNS_PER_EVENT_OUTPUT, NEURONS, PADI_BUSES } from "../../chip/limits.ts";
import { LEAK_TRANSFER } from "../../chip/nominal.ts";
import type { Lsb, Microseconds } from "../../core/units.ts";
import { fitLine } from "../prediction.ts";
import type { CalibrationSession } from "../session.ts";
import { median } from "../spread.ts";
import { type StimulusOptions, stimulusLabel } from "../stimulus.ts";
import { shifted } from "../words.ts";
import { readRest } from "./rest.ts";
import { forEachSpike } from "./spikes.ts";

const START = 5;
/** Distances of the leak below the threshold. */
const DISTANCES: readonly Lsb[] = [9, 13, 17, 21];
const DURATION = 10;
const ENTRIES = 8;
const STIMULUS = { group: 32, weight: 63 } as const satisfies StimulusOptions;
/** One neuron per event output and hemisphere sends events. */
const SENDER = 7;

/** µs; NaN when too few neurons answer. @param threshold as measured, LSB per neuron */
export async function readSpikeLatency(
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
