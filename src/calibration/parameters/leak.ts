/** Leak potential: resting codes as the causal channels read them, the channels that experiments record. */

import { LEAK_TRANSFER } from "../../chip/nominal.ts";
import type { Effort } from "../search.ts";
import type { CalibrationSession } from "../session.ts";
import { createMeanLevel } from "../traces.ts";
import type { WordChange } from "../words.ts";
import { type CalibratedParameter, type CalibrationStep, linearResidual } from "./parameter.ts";
import { type PotentialStep, potentialStep } from "./potential.ts";

const RUNS: Readonly<Record<Effort, number>> = { quick: 2, normal: 8, thorough: 24 };
const TOLERANCE = 4;

export const leak: CalibratedParameter = {
  name: "leak",
  unit: "LSB",
  register: "leak",
  option: {
    summary: "Resting potential.",
    unit: "LSB",
    defaultValue: 80,
    accepted: [50, 160],
    possible: [20, 220],
  },
  goal: (target) => target.leak,
  tolerance: () => TOLERANCE,
  residual: linearResidual(1.5, LEAK_TRANSFER.slope),
  measure: (session, change) => readRest(session, change, 64),
};

/** @param inputs whether synaptic inputs are on: their offsets shift the leak until they are compensated */
export function leakStep({ inputs, ...step }: PotentialStep & { readonly inputs: boolean }): CalibrationStep {
  const on = inputs ? 1 : 0;
  return potentialStep(
    {
      name: "leak",
      tolerance: TOLERANCE,
      probes: [-24, -16, -8, 0, 8, 16, 24],
      read: (session, code, effort) =>
        readRest(session, { leak: code, synExcOn: on, synInhOn: on }, RUNS[effort]),
    },
    step,
  );
}

// The measurement -------------------------------------------------------------------------------------------

// Resting potential: the mean code of membranes that nothing drives. One short entry per run; what varies from run
// to run is the larger part of the noise.

/** Spiking off: no neuron of a chip stays quiet by itself when its words are those of a search. */
export const QUIET = { thresholdOn: 0, eventsOn: 0 } as const satisfies WordChange;

const DURATION = 6;

/** CADC codes per neuron (512), with the session's words and `change` in them. */
export async function readRest(
  session: CalibrationSession,
  change: WordChange,
  runs: number,
): Promise<Float64Array> {
  await session.configure({ ...change, ...QUIET });
  const level = createMeanLevel();
  const measurement = { runs, entries: 1, duration: DURATION, cadc: { memory: "sram" } } as const;
  await session.measure(measurement, ({ cadc }) => {
    if (cadc !== undefined) level.add(cadc, Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY);
  });
  return level.mean();
}
