/**
 * What the synapse DACs draw from a synaptic line, before the synaptic input makes a current of it: the mean drop of
 * the line after events that walk over all drivers, read by the fast converter on one neuron per run.
 */

import { MADC_PERIOD_US, PADI_BUSES } from "../../chip/limits.ts";
import type { CalibrationSession } from "../session.ts";
import { groupsOf, stimulusLabel } from "../stimulus.ts";
import { QUIET } from "./rest.ts";

const GROUP = 8;
/** 256 weight units per event: half the range of the converter at the largest DAC bias. */
const WEIGHT = 32;
/** The fast converter is unreliable at first (electronicvisions/calix:src/py/calix/common/madc_base.py). */
const LEAD = 10;
/** Part of the entry before each event that counts as rest, and after it that counts as drop, µs. */
const WINDOW = 0.4;

/** Mean drop in MADC codes of the excitatory line of each neuron in `neurons`. */
export async function readLineDrops(
  session: CalibrationSession,
  neurons: readonly number[],
): Promise<Float64Array> {
  await session.configure(QUIET, { stimulus: { group: GROUP, weight: WEIGHT } });
  const interval = 8 * session.target.tauSynExc;
  const slots = groupsOf(GROUP) * PADI_BUSES;
  const times = Array.from({ length: slots }, (_, k) => LEAD + k * interval);
  const drops = new Float64Array(neurons.length);
  for (const [i, neuron] of neurons.entries()) {
    const measurement = {
      runs: 1,
      entries: 1,
      duration: LEAD + slots * interval,
      events: () =>
        times.map((time, k) => ({
          time,
          label: stimulusLabel(k % PADI_BUSES, Math.floor(k / PADI_BUSES), "exc"),
        })),
      madc: { neuron, source: "synapse-exc" },
    } as const;
    await session.measure(measurement, ({ madc }) => {
      if (madc === undefined) return;
      for (const time of times) {
        const before = meanCode(madc.code, time - 2 * WINDOW, time - WINDOW);
        const after = meanCode(madc.code, time + WINDOW / 4, time + WINDOW);
        drops[i]! += (before - after) / slots;
      }
    });
  }
  return drops;
}

function meanCode(code: Uint16Array, from: number, to: number): number {
  const first = Math.ceil(from / MADC_PERIOD_US);
  const end = Math.ceil(to / MADC_PERIOD_US);
  let sum = 0;
  for (let k = first; k < end; k++) sum += code[k]!;
  return sum / (end - first);
}
