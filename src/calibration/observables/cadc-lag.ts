/**
 * How late CADC samples are taken on average. A spike ends a slow rise with a sharp fall to the reset: counting, per
 * spike, the samples that already show the reset against those expected at nominal times gives the lag,
 *
 *     first sample after the fall: k = ⌈x − lag⌉,  x = (spike − start) / period,  mean of ⌈y⌉ − y = 1/2
 *
 * averaged over spikes that fall anywhere between two samples.
 */

import { NEURONS } from "../../chip/limits.ts";
import type { CalibrationSession } from "../session.ts";
import { forEachSpike } from "./spikes.ts";
import { configureCreeping, DURATION, REFRACTORY } from "./threshold.ts";

/** Samples before and after the spike among which the fall is looked for. */
const BEFORE = 3;
/** Earlier spikes may stem from the resting state at the start of an entry. */
const EARLIEST = 20;

/** Mean lag in sampling periods; NaN when hardly any neuron spiked. */
export async function readCadcLag(session: CalibrationSession, runs: number): Promise<number> {
  const { target, timing } = session;
  await configureCreeping(session, {});
  const middle = (target.threshold + target.reset) / 2;
  let sum = 0;
  let count = 0;
  const measurement = {
    runs,
    entries: 4,
    duration: DURATION,
    spikes: true,
    cadc: { memory: "sram" },
  } as const;
  await session.measure(measurement, ({ spikes, cadc }) => {
    if (cadc === undefined) return;
    const { code, samples, nominalTime } = cadc;
    const start = nominalTime[0]!;
    const period = nominalTime[1]! - start;
    const after = Math.floor(REFRACTORY / period) - 1;
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
