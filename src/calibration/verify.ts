/** Whether a stored calibration still holds: all its measurements again, with its words. */

import { CADC_SRAM_PERIOD_US } from "../chip/limits.ts";
import type { Chip } from "../chip/types.ts";
import { UserError } from "../core/errors.ts";
import { type Report, silent } from "../core/progress.ts";
import { converterQuality, measureNeurons, neuronQuality } from "./measurement.ts";
import { PARAMETERS } from "./parameters/index.ts";
import { openSession } from "./session.ts";
import type { Calibration, MeasuredNeurons, ParameterQuality } from "./types.ts";

export interface Verification {
  /** Whether at least 99 % of the neurons that the calibration calls good are inside every tolerance. */
  readonly holds: boolean;
  readonly measured: MeasuredNeurons;
  /** Spreads before are those of the calibration. */
  readonly quality: readonly ParameterQuality[];
  /** Good neurons of the calibration that are outside some tolerance now. */
  readonly lost: readonly number[];
}

/** Measurement noise puts a few neurons near a limit on its other side. */
const TOLERATED_LOSS = 0.01;

/**
 * Measures `chip` with the words of `calibration` and leaves it with them.
 * @throws UserError("calibration") when it belongs to another chip
 */
export async function verify(
  chip: Chip,
  calibration: Calibration,
  { report = silent }: { readonly report?: Report } = {},
): Promise<Verification> {
  if (calibration.chip !== chip.info.id) {
    throw new UserError(
      "calibration",
      `the calibration belongs to chip ${calibration.chip}, not to ${chip.info.id}`,
    );
  }
  const { target, words, spikeLatency, cadcLag, strength, success } = calibration;
  report({ kind: "phase", name: "check calibration", detail: chip.info.id });
  const timing = { spikeLatency, cadcLagPeriods: cadcLag / CADC_SRAM_PERIOD_US };
  const session = openSession(chip, target, { words, timing });
  let done = 0;
  const measured = await measureNeurons(session, (name) => {
    report({ kind: "step", unit: "parameter", done: ++done, total: PARAMETERS.length, name });
  });
  const before = new Map(calibration.quality.map((one) => [one.parameter, one.before]));
  const quality = [
    await converterQuality(session, before.get("cadc") ?? Number.NaN),
    ...neuronQuality(target, measured, strength, before),
  ];
  const outside = new Set(quality.flatMap(({ failed }) => failed));
  const good = [...success.keys()].filter((neuron) => success[neuron] === 1);
  const lost = good.filter((neuron) => outside.has(neuron));
  return { holds: lost.length <= TOLERATED_LOSS * good.length, measured, quality, lost };
}
