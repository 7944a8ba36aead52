/**
 * The two steps that make the CADC channels alike: the ramp of each quadrant, then the offset of each channel. Both read
 * reference voltages, so that no membrane is needed.
 */

import { quadrantOf } from "../../chip/coordinates.ts";
import { CADC_CHANNELS, CAPMEM_MAX, NEURONS, QUADRANTS } from "../../chip/limits.ts";
import { REFERENCE_HIGH, REFERENCE_LOW } from "../../chip/nominal.ts";
import type { CalibrationStep } from "../parameters/parameter.ts";
import { clamp, noisyBinarySearch } from "../search.ts";
import type { CalibrationSession } from "../session.ts";
import { average } from "../spread.ts";
import { createMeanLevel } from "../traces.ts";

// The ramp --------------------------------------------------------------------------------------------------

// Offset and slope per quadrant, so that the reference codes 70 and 550 are read as 20 and 220. Offset and slope move
// both reads, so they are searched in turns (electronicvisions/calix:src/py/calix/common/cadc.py).

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

// The offset of each channel --------------------------------------------------------------------------------

// CADC channels: the digital offset that makes each channel read a reference in the middle of the range like the
// nominal converter. One probe is enough, the offset word counts in LSB. The read is in the middle of the range, where
// gain and curvature of single channels matter least for leak, reset and threshold.

const REFERENCE = 310;
const READ =
  REFERENCE_LOW.read +
  ((REFERENCE_HIGH.read - REFERENCE_LOW.read) * (REFERENCE - REFERENCE_LOW.code)) /
    (REFERENCE_HIGH.code - REFERENCE_LOW.code);

export const cadcOffset: CalibrationStep = {
  name: "cadc-offset",
  summary: "digital offset of each CADC channel: reference code 310 reads 120",
  after: [{ step: "cadc-ramp", reason: "the ramp moves all channels of a quadrant" }],
  tolerance: 3,
  unit: "LSB",
  async run({ session }) {
    const { cadcOffset: offset } = session.words;
    const before = await readReference(session, REFERENCE);
    for (let channel = 0; channel < CADC_CHANNELS; channel++) {
      const wanted = offset[channel]! + READ - before[channel]!;
      offset[channel] = clamp(Math.round(wanted), -128, 127);
    }
    return { target: READ, before, after: await readReference(session, REFERENCE) };
  },
};

// The measurement -------------------------------------------------------------------------------------------

// Reads of a reference voltage by the CADC channels: no membrane, only the converters and their noise.

const DURATION = 100;

/** Mean code of each channel [2 · neuron + (0 causal | 1 acausal)] (1024) at the capmem code `reference`. */
export async function readReference(session: CalibrationSession, reference: number): Promise<Float64Array> {
  await session.configure();
  const read = new Float64Array(CADC_CHANNELS);
  for (const side of [0, 1] as const) {
    const level = createMeanLevel();
    const cadc = { memory: "sram", reference, acausal: side === 1 } as const;
    await session.measure({ runs: 1, entries: 4, duration: DURATION, cadc }, (recording) => {
      if (recording.cadc === undefined) return;
      level.add(recording.cadc, Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY);
    });
    const mean = level.mean();
    for (let neuron = 0; neuron < NEURONS; neuron++) read[2 * neuron + side] = mean[neuron]!;
  }
  return read;
}
