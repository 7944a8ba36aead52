/**
 * Whether a calibration is one to work with. Neurons that miss a tolerance are avoided by placement; where most of
 * them do, the chip is beyond what its registers can correct, and nothing that runs on it would mean anything.
 */

import { NEURONS } from "../chip/limits.ts";
import { UserError } from "../core/errors.ts";
import type { Calibration } from "./types.ts";

/** A calibration that fails for more neurons is not used (own choice: half of the chip). */
const MOST = NEURONS / 2;
/** From here on failed neurons are worth a warning: a chip of the usual mismatch has one or two. */
const MANY = NEURONS / 20;

const BEYOND =
  "the chip is beyond what a calibration can correct: lower chip.mismatch or chip.effects.deadFraction, or change the target";

/** A step that fails for more neurons ends the calibration: no later step brings them back (own choice). */
const HOPELESS = 0.9 * NEURONS;

/** @throws UserError("calibration") when a step of the calibration of `chip` failed for nearly all neurons */
export function checkHope(chip: string, step: string, failed: number): void {
  if (failed <= HOPELESS) return;
  throw new UserError(
    "calibration",
    `the calibration of ${chip} failed at its step ${step} for ${failed} of ${NEURONS} neurons`,
    { hint: BEYOND },
  );
}

/** @throws UserError("calibration") when it failed for most neurons */
export function checkUsable(calibration: Calibration): void {
  if (failedNeurons(calibration) <= MOST) return;
  throw new UserError("calibration", describe(calibration), { hint: BEYOND });
}

/** What to tell of a calibration with many failed neurons; undefined for a good one. */
export function failureText(calibration: Calibration): string | undefined {
  return failedNeurons(calibration) < MANY ? undefined : `${describe(calibration)}; placement avoids them`;
}

export function failedNeurons({ success }: Calibration): number {
  return success.reduce((sum, good) => sum + (good === 0 ? 1 : 0), 0);
}

/** `the calibration of simulated-1 failed for 512 of 512 neurons (threshold 512, leak 300)` */
function describe(calibration: Calibration): string {
  const causes = calibration.quality
    .filter(({ failed }) => failed.length > 0)
    .sort((a, b) => b.failed.length - a.failed.length)
    .slice(0, 3)
    .map(({ parameter, failed }) => `${parameter} ${failed.length}`);
  const named = causes.length === 0 ? "" : ` (${causes.join(", ")})`;
  return `the calibration of ${calibration.chip} failed for ${failedNeurons(calibration)} of ${NEURONS} neurons${named}`;
}
