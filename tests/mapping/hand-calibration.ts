/** A calibration made by hand: every circuit is exactly on target; single circuits can then be spoiled. */

import { emptyMeasurements } from "../../src/calibration/measurement.ts";
import { DEFAULT_TARGET } from "../../src/calibration/target.ts";
import type { Calibration, CalibrationTarget, MeasuredNeurons } from "../../src/calibration/types.ts";
import { defaultConfig } from "../../src/chip/default-config.ts";
import { NEURONS } from "../../src/chip/limits.ts";

export const TARGET: CalibrationTarget = {
  ...DEFAULT_TARGET,
  leak: 80,
  reset: 80,
  threshold: 150,
  tauMem: 6,
  tauSynExc: 6,
  tauSynInh: 6,
  refractory: 1,
  synapseGm: 500,
  synapseDacBias: 1000,
  residual: 0,
};

export function handCalibration(
  target: Partial<CalibrationTarget> = {},
  change: Partial<Omit<Calibration, "target">> = {},
): Calibration {
  const wanted = { ...TARGET, ...target };
  const config = defaultConfig();
  const strength = 0.17;
  const all = (value: number): Float64Array => new Float64Array(NEURONS).fill(value);
  // Parameters that mapping does not read are unknown here.
  const measured: MeasuredNeurons = {
    ...emptyMeasurements(),
    leak: all(wanted.leak),
    reset: all(wanted.reset),
    threshold: all(wanted.threshold),
    tauMem: all(wanted.tauMem),
    tauSynExc: all(wanted.tauSynExc),
    tauSynInh: all(wanted.tauSynInh),
    refractory: all(wanted.refractory),
    strengthExc: all(strength),
    strengthInh: all(strength),
  };
  return {
    format: 3,
    software: "test",
    chip: "hand-made",
    target: wanted,
    words: {
      neurons: config.neurons,
      quadrants: config.quadrants,
      cadcOffset: config.cadcOffset,
      refractoryClocks: config.refractoryClocks,
    },
    measured,
    success: new Uint8Array(NEURONS).fill(1),
    strength,
    spikeLatency: 0,
    cadcLag: 0,
    quality: [],
    ...change,
  };
}
