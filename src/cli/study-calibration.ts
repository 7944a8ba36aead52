/** `eventprop study calibration`: training with and without calibration, side by side. */

import type { ComparedTraining, TrainingSummary } from "../study/calibration-study.ts";
import type { StudyCall } from "./study-form.ts";
import { accuracyFigure, runTrainingStudy } from "./study-training.ts";
import { table } from "./terminal.ts";

const SEEDS = [1, 2, 3];

export async function run(call: StudyCall): Promise<number> {
  const { calibrationStudy } = await import("../study/calibration-study.ts");
  const seeds = call.options.seeds ?? SEEDS;
  return runTrainingStudy(
    "calibration",
    call,
    ({ experiment }, context) => calibrationStudy(experiment, seeds, context),
    lines,
    (compared) =>
      accuracyFigure(
        "calibration",
        (["calibrated", "uncalibrated"] as const).flatMap((kind) => [
          { label: `${kind}, first epoch`, values: compared.map((one) => one[kind].firstAccuracy) },
          { label: `${kind}, end`, values: compared.map((one) => one[kind].finalAccuracy) },
        ]),
      ),
  );
}

function lines(compared: readonly ComparedTraining[]): string[] {
  const header = ["chip", "calibrated", "first epoch: loss", "accuracy", "end: test loss", "accuracy"];
  const rows = compared.flatMap(({ seed, calibrated, uncalibrated }) => [
    [String(seed), "yes", ...cells(calibrated)],
    [String(seed), "no", ...cells(uncalibrated)],
  ]);
  return table([header, ...rows], [0, 2, 3, 4, 5]);
}

function cells({ firstLoss, firstAccuracy, finalLoss, finalAccuracy }: TrainingSummary): string[] {
  return [firstLoss.toFixed(4), percent(firstAccuracy), finalLoss.toFixed(4), percent(finalAccuracy)];
}

function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}
