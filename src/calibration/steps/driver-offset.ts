/**
 * Synapse drivers: the pulse correction (0 … 15) that makes all drivers of a hemisphere equally strong. Three probes of
 * the word, a line per driver, one prediction.
 */

import { DRIVERS, STP_OFFSET_MAX } from "../../chip/limits.ts";
import { readDriverPulses } from "../observables/driver-pulse.ts";
import { predictFromLine } from "../prediction.ts";
import { median } from "../spread.ts";
import type { CalibrationStep } from "./step.ts";

const RUNS = 8;
const MIDDLE = 8;
const PROBES = [-5, 0, 5];

export const driverOffset: CalibrationStep = {
  name: "driver-offset",
  summary: "pulse strength of the synapse drivers, averaged over all neurons",
  after: [{ step: "cadc-offset", reason: "responses are read by the CADC" }],
  tolerance: 0.2,
  unit: "relative",
  async run({ bench }) {
    const { driverOffset: words } = bench.words;
    words.fill(MIDDLE);
    const before = await readDriverPulses(bench, RUNS);
    const target = hemisphereMedians(before);
    const relative = (pulses: Float64Array): Float64Array =>
      pulses.map((pulse, driver) => pulse / target[driver]!);
    const options = {
      lowest: 0,
      highest: STP_OFFSET_MAX,
      target,
      code: Uint16Array.from(words),
      offsets: PROBES,
    };
    const found = await predictFromLine(options, async (code) => {
      words.set(code);
      return readDriverPulses(bench, RUNS);
    });
    words.set(found.code);
    return { target: 1, before: relative(before), after: relative(await readDriverPulses(bench, RUNS)) };
  },
};

/** For each driver the median of its hemisphere: the halves have no neuron in common that could compare them. */
function hemisphereMedians(pulses: Float64Array): Float64Array {
  const halves = [pulses.subarray(0, DRIVERS), pulses.subarray(DRIVERS)].map(median);
  return pulses.map((_, driver) => halves[Math.floor(driver / DRIVERS)]!);
}
