/**
 * `grad-check <experiment.yaml>` without its terminal: from a loaded experiment and weights to everything that is
 * printed about them.
 */

import { UserError } from "../../core/errors.ts";
import type { Report } from "../../core/progress.ts";
import type { LoadedExperiment } from "../../experiment/load.ts";
import type { EstimatorKind } from "../estimator-defaults.ts";
import { checkExperiment, type ExperimentCheck } from "./check-experiment.ts";
import { type ChipGradients, chipGradients } from "./chip-gradients.ts";
import { type Contenders, chooseContenders } from "./contenders.ts";
import { type MemoryTable, memoryTable } from "./memory.ts";
import { drawSamples, type Subject } from "./subject.ts";

export interface GradCheckRequest {
  readonly loaded: LoadedExperiment;
  readonly weights: Float64Array;
  readonly samples: number;
  readonly weightsPerProjection: number;
  /** All that can serve when absent. */
  readonly estimators?: readonly EstimatorKind[];
  /** Repetitions on the experiment's chip; not at all when absent. */
  readonly chipRuns?: number;
  readonly report: Report;
}

export interface GradCheckResult {
  readonly check: ExperimentCheck;
  readonly unfit: Contenders["unfit"];
  readonly memory: MemoryTable;
  readonly chip?: ChipGradients;
}

/** @throws UserError when a named estimator cannot serve, or the weights overflow, or there is no sample */
export async function gradCheck(request: GradCheckRequest): Promise<GradCheckResult> {
  const { loaded, weights, report } = request;
  const { experiment, assembly } = loaded;
  const { network, loss, data, encoder } = assembly;
  const split = data.test.size > 0 ? data.test : data.train;
  const drawn = drawSamples(encoder.encode(split), split.labels, request.samples, experiment.seed);
  const subject: Subject = { network, weights, loss, ...drawn };
  const { contenders, unfit } = chooseContenders(loaded, subject, request.estimators);
  if (contenders.length === 0) throw new UserError("compatibility", "no estimator can serve this experiment");
  const check = await checkExperiment({
    subject,
    contenders,
    weights: request.weightsPerProjection,
    seed: experiment.seed,
    report,
  });
  const result = {
    check,
    unfit: [...unfit, ...check.unfit],
    memory: memoryTable(experiment, subject, contenders, check),
  };
  if (request.chipRuns === undefined) return result;
  const chip = await chipGradients({
    experiment,
    subject,
    estimators: contenders.map(({ config }) => config),
    software: check.gradient,
    runs: request.chipRuns,
    report,
  });
  return { ...result, chip };
}
