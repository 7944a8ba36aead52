/** Clocks of the readout: mean lag of CADC samples, latency of spike time stamps. */

import { readCadcLag } from "../observables/cadc-lag.ts";
import { readSpikeLatency } from "../observables/spike-latency.ts";
import type { CalibrationStep } from "./step.ts";

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
