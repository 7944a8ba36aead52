/**
 * CADC ramp: offset and slope per quadrant, so that the reference codes 70 and 550 are read as 20 and 220. Offset and
 * slope move both reads, so they are searched in turns (electronicvisions/calix:src/py/calix/common/cadc.py).
 */

import { quadrantOf } from "../../chip/coordinates.ts";
import { CADC_CHANNELS, CAPMEM_MAX, QUADRANTS } from "../../chip/limits.ts";
import { REFERENCE_HIGH, REFERENCE_LOW } from "../../chip/nominal.ts";
import { readReference } from "../observables/reference.ts";
import { noisyBinarySearch } from "../search.ts";
import type { CalibrationSession } from "../session.ts";
import { average } from "../spread.ts";
import type { CalibrationStep } from "./step.ts";

const TURNS = 2;

export const cadcRamp: CalibrationStep = {
  name: "cadc-ramp",
  summary: "CADC ramp offset and slope per quadrant: reference codes 70 and 550 read 20 and 220",
  after: [],
  tolerance: 2,
  unit: "LSB",
  async run({ session }) {
    const { quadrants } = session.words;
    const before = await quadrantReads(session, REFERENCE_HIGH.code);
    for (let turn = 0; turn < TURNS; turn++) {
      quadrants.cadcRampOffset.set(await searchRamp(session, "cadcRampOffset", REFERENCE_LOW));
      quadrants.cadcRampSlope.set(await searchRamp(session, "cadcRampSlope", REFERENCE_HIGH));
    }
    const after = await quadrantReads(session, REFERENCE_HIGH.code);
    return { target: REFERENCE_HIGH.read, before, after };
  },
};

/** A larger offset code starts the ramp later and a larger slope code ends it sooner: both lower the read. */
async function searchRamp(
  session: CalibrationSession,
  word: "cadcRampOffset" | "cadcRampSlope",
  reference: { readonly code: number; readonly read: number },
): Promise<Uint16Array> {
  const target = new Float64Array(QUADRANTS).fill(reference.read);
  const options = { lowest: 0, highest: CAPMEM_MAX, target, falling: true, draws: session.draws };
  const { code } = await noisyBinarySearch(options, async (codes) => {
    session.words.quadrants[word].set(codes);
    return quadrantReads(session, reference.code);
  });
  return code;
}

/** Mean read of all channels of each quadrant. */
async function quadrantReads(session: CalibrationSession, reference: number): Promise<Float64Array> {
  const read = await readReference(session, reference);
  const channels: number[][] = Array.from({ length: QUADRANTS }, () => []);
  for (let channel = 0; channel < CADC_CHANNELS; channel++) {
    channels[quadrantOf(channel >> 1)]?.push(read[channel]!);
  }
  return Float64Array.from(channels, average);
}
