/**
 * Synapse DAC bias per quadrant: the same charge per event and weight on the synaptic lines everywhere. A few lines per
 * quadrant are read by the fast converter; the drop is proportional to the code, so one probe predicts.
 */

import { quadrantOf } from "../../chip/coordinates.ts";
import {
  CAPMEM_MAX,
  COLUMNS,
  COLUMNS_PER_QUADRANT,
  MADC_PERIOD_US,
  PADI_BUSES,
  QUADRANTS,
} from "../../chip/limits.ts";
import { QUIET } from "../parameters/leak.ts";
import type { CalibrationStep } from "../parameters/parameter.ts";
import { clamp } from "../search.ts";
import type { CalibrationSession } from "../session.ts";
import { average, median } from "../spread.ts";
import { groupsOf, stimulusLabel } from "../stimulus.ts";

const LINES_PER_QUADRANT = 12;

export const dacBias: CalibrationStep = {
  name: "dac-bias",
  summary: "synapse DAC bias per quadrant, from drops of synaptic lines",
  after: [{ step: "tau-syn-exc", reason: "events follow each other when the lines have recovered" }],
  tolerance: 0.05,
  unit: "relative",
  async run({ session }) {
    const { synapseDacBias: bias } = session.words.quadrants;
    bias.fill(session.target.synapseDacBias);
    const before = relative(await quadrantDrops(session));
    // The weakest quadrant must not be asked for more than the word can hold.
    const reach = Math.min(1, ...before.map((own) => (CAPMEM_MAX * own) / session.target.synapseDacBias));
    before.forEach((own, quadrant) => {
      bias[quadrant] = clamp(Math.round((reach * session.target.synapseDacBias) / own), 0, CAPMEM_MAX);
    });
    return { target: 1, before, after: relative(await quadrantDrops(session)) };
  },
};

function relative(drops: Float64Array): Float64Array {
  const mean = average(drops);
  return drops.map((one) => one / mean);
}

/** Median drop of some lines of each quadrant. */
async function quadrantDrops(session: CalibrationSession): Promise<Float64Array> {
  const spacing = Math.floor(COLUMNS_PER_QUADRANT / LINES_PER_QUADRANT);
  const neurons: number[] = [];
  for (let quadrant = 0; quadrant < QUADRANTS; quadrant++) {
    const first = (quadrant >> 1) * COLUMNS + (quadrant & 1) * COLUMNS_PER_QUADRANT;
    for (let k = 0; k < LINES_PER_QUADRANT; k++) neurons.push(first + k * spacing);
  }
  const drops = await readLineDrops(session, neurons);
  return Float64Array.from({ length: QUADRANTS }, (_, quadrant) =>
    median(drops.filter((_, i) => quadrantOf(neurons[i]!) === quadrant)),
  );
}

// The measurement -------------------------------------------------------------------------------------------

// What the synapse DACs draw from a synaptic line, before the synaptic input makes a current of it: the mean drop of
// the line after events that walk over all drivers, read by the fast converter on one neuron per run.

const GROUP = 8;
/** 256 weight units per event: half the range of the converter at the largest DAC bias. */
const WEIGHT = 32;
/** The fast converter is unreliable at first (electronicvisions/calix:src/py/calix/common/madc_base.py). */
const LEAD = 10;
/** Part of the entry before each event that counts as rest, and after it that counts as drop, µs. */
const WINDOW = 0.4;

/** Mean drop in MADC codes of the excitatory line of each neuron in `neurons`. */
async function readLineDrops(session: CalibrationSession, neurons: readonly number[]): Promise<Float64Array> {
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
