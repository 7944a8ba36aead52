/**
 * Synaptic time constants: the decay of a synaptic line after events, read by the fast converter on one neuron per run
 * (electronicvisions/calix:src/py/calix/hagen/neuron_synin.py fits the same). The line comes before the synaptic input
 * and the membrane, so neither their saturation nor their time constants enter. Events are folded: one may get lost.
 */

import { MADC_PERIOD_US, NEURONS } from "../../chip/limits.ts";
import type { Sign } from "../../chip/nominal.ts";
import type { Microseconds } from "../../core/units.ts";
import { fitDecay } from "../fits.ts";
import type { CalibrationSession } from "../session.ts";
import { stimulusLabel } from "../stimulus.ts";
import type { WordChange } from "../words.ts";
import { createFastTrace } from "./fast-trace.ts";
import { QUIET } from "./rest.ts";

/** 384 weight units per event: most of the converter's range at the largest DAC bias, no more at any. */
const STIMULUS = { group: 8, weight: 48 } as const;
/** The fast converter is unreliable at first (electronicvisions/calix:src/py/calix/common/madc_base.py). */
const LEAD = 10;
const EVENTS = 2;
/** Decays are watched for so many expected time constants. */
const WATCH = 7;
/** Clear of the event itself, µs. */
const AFTER = 0.1;
const SHORTEST = 1 / 8;
const LONGEST = 8;

/** µs per neuron (512). NaN: no decay seen. @param expected τ for which the recording is laid out */
export async function readSynapticTau(
  session: CalibrationSession,
  sign: Sign,
  change: WordChange,
  expected: Microseconds,
): Promise<Float64Array> {
  await session.configure({ ...change, ...QUIET }, { stimulus: STIMULUS });
  const interval = Math.max(4, WATCH * expected);
  const times = Array.from({ length: EVENTS }, (_, k) => LEAD + k * interval);
  const trace = createFastTrace(interval - 2 * AFTER);
  const period = trace.step * MADC_PERIOD_US;
  const options = { period, shortest: SHORTEST * expected, longest: LONGEST * expected };
  const tau = new Float64Array(NEURONS);
  for (let neuron = 0; neuron < NEURONS; neuron++) {
    const measurement = {
      runs: 1,
      entries: 1,
      duration: LEAD + EVENTS * interval,
      events: () => times.map((time, bus) => ({ time, label: stimulusLabel(bus, 0, sign) })),
      madc: { neuron, source: sign === "exc" ? "synapse-exc" : "synapse-inh" },
    } as const;
    trace.clear();
    await session.measure(measurement, ({ madc }) => {
      if (madc === undefined) return;
      for (const time of times) trace.add(madc.code, time + AFTER);
    });
    tau[neuron] = fitDecay(trace.mean(), trace.weight(), 0, trace.length, options).tau;
  }
  return tau;
}
