/**
 * CADC channels: the digital offset that makes each channel read a reference in the middle of the range like the
 * nominal converter. One probe is enough, the offset word counts in LSB. The read is in the middle of the range, where
 * gain and curvature of single channels matter least for leak, reset and threshold.
 */

import { CADC_CHANNELS } from "../../chip/limits.ts";
import { REFERENCE_HIGH, REFERENCE_LOW } from "../../chip/nominal.ts";
import { readReference } from "../observables/reference.ts";
import { clamp } from "../search.ts";
import type { CalibrationStep } from "./step.ts";

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
