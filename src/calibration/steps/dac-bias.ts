/**
 * Synapse DAC bias per quadrant: the same charge per event and weight on the synaptic lines everywhere. A few lines per
 * quadrant are read by the fast converter; the drop is proportional to the code, so one probe predicts.
 */

import { quadrantOf } from "../../chip/coordinates.ts";
import { CAPMEM_MAX, COLUMNS, COLUMNS_PER_QUADRANT, QUADRANTS } from "../../chip/limits.ts";
import { readLineDrops } from "../observables/synaptic-line.ts";
import { clamp } from "../search.ts";
import type { CalibrationSession } from "../session.ts";
import { average, median } from "../spread.ts";
import type { CalibrationStep } from "./step.ts";

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
