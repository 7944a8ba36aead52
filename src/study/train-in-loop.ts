/** One training run of a study, in a folder of its own inside the study's: metrics and weights. */

import { join } from "node:path";
import { writeAtomic } from "../core/durable-files.ts";
import { type MetricsRow, readMetrics } from "../engine/metrics.ts";
import type { Start } from "../engine/progress-file.ts";
import type { PreparedRun } from "../engine/run-config.ts";
import { createRunFolder, RUN_FILES } from "../engine/run-folder.ts";
import { train } from "../engine/train.ts";
import { weightsText } from "../engine/weights-file.ts";
import { networkOf } from "../experiment/network.ts";
import { createOptimizer } from "../optimize/optimizers/index.ts";
import type { StudyContext } from "./context.ts";

export interface Trained {
  readonly weights: Float64Array;
  readonly metrics: readonly MetricsRow[];
}

/**
 * Trains to the end of the run's epochs.
 * @param name of the folder
 * @param start weights to go on from; those of the experiment's seed when absent
 * @throws UserError("diverged")
 */
export async function trainInLoop(
  prepared: PreparedRun,
  name: string,
  context: StudyContext,
  start?: Float64Array,
): Promise<Trained> {
  const { report, workers } = context;
  const { experiment } = prepared;
  const folder = createRunFolder({
    experiment: experiment.name,
    out: join(context.folder, name),
    now: new Date(),
  });
  report({ kind: "phase", name: "train", detail: `${name}, ${experiment.training.epochs} epochs` });
  const { weights } = await train({
    prepared,
    folder,
    workers,
    report,
    stopRequested: () => false,
    ...(start === undefined ? {} : { start: startFrom(prepared, start) }),
  });
  const network = networkOf(experiment, prepared.inputs);
  writeAtomic(join(folder, RUN_FILES.weights), weightsText(weights, network));
  return { weights, metrics: readMetrics(join(folder, RUN_FILES.metrics)) };
}

/** A beginning with other weights: fresh optimizer, first epoch, no average yet. */
function startFrom({ experiment }: PreparedRun, weights: Float64Array): Start {
  const optimizer = createOptimizer(experiment.optimizer).init(weights.length);
  return { epoch: 0, trainer: { weights: weights.slice(), optimizer } };
}
