/** What calibration is worth: an experiment trained in the loop on the same chip with and without it. */

import type { MetricsRow } from "../../engine/metrics.ts";
import { prepareRun } from "../../engine/run-config.ts";
import type { Experiment } from "../../experiment/schema.ts";
import type { StudyContext } from "../context.ts";
import { onChip } from "../on-chip.ts";
import { trainInLoop } from "../train-in-loop.ts";
import { withoutCalibration } from "./uncalibrated.ts";

export interface TrainingSummary {
  /** Mean training loss of the first epoch. */
  readonly firstLoss: number;
  /** Training accuracy of the first epoch. */
  readonly firstAccuracy: number;
  /** On the test samples after the last epoch. */
  readonly finalLoss: number;
  readonly finalAccuracy: number;
}

export interface ComparedTraining {
  readonly seed: number;
  readonly calibrated: TrainingSummary;
  readonly uncalibrated: TrainingSummary;
}

/**
 * Trains twice on the chip of each seed.
 * @throws UserError("compatibility") when the experiment has no simulated chip
 */
export async function calibrationStudy(
  experiment: Experiment,
  seeds: readonly number[],
  context: StudyContext,
): Promise<ComparedTraining[]> {
  const compared: ComparedTraining[] = [];
  for (const seed of seeds) {
    const prepared = await onChip(experiment, seed, context.report);
    const without = prepareRun({
      experiment: prepared.experiment,
      calibrations: new Map(
        [...prepared.calibrations].map(([name, calibration]) => [name, withoutCalibration(calibration)]),
      ),
    });
    const calibrated = await trainInLoop(prepared, `chip-${seed}-calibrated`, context);
    const uncalibrated = await trainInLoop(without, `chip-${seed}-uncalibrated`, context);
    compared.push({
      seed,
      calibrated: summary(calibrated.metrics),
      uncalibrated: summary(uncalibrated.metrics),
    });
  }
  return compared;
}

/** @param metrics rows of a complete run of at least one epoch */
export function summary(metrics: readonly MetricsRow[]): TrainingSummary {
  const first = metrics.find(({ split, epoch }) => split === "train" && epoch === 1);
  const last = metrics.findLast(({ split }) => split === "test");
  if (first === undefined || last === undefined) throw new Error("the run has no first epoch, or no test");
  return {
    firstLoss: first.loss as number,
    firstAccuracy: first.accuracy as number,
    finalLoss: last.loss as number,
    finalAccuracy: last.accuracy as number,
  };
}
