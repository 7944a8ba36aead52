/**
 * `grad-check <experiment.yaml>` without its terminal: from a loaded experiment and weights to everything that is
 * printed about them.
 */

import { UserError } from "../../core/errors.ts";
import type { Report } from "../../core/progress.ts";
import { calibrationsOf } from "../../engine/open-run.ts";
import type { LoadedExperiment } from "../../experiment/load.ts";
import type { EstimatorKind } from "../../gradient/index.ts";
import { withTolerance } from "../../network/network.ts";
import { checkExperiment, type ExperimentCheck } from "./check-experiment.ts";
import { type ChipGradients, chipGradients } from "./chip-gradients.ts";
import { type ChosenEstimators, chooseEstimators } from "./estimators-under-test.ts";
import { drawSamples, type GradientProblem } from "./gradient-problem.ts";
import { type MemoryTable, memoryTable } from "./memory.ts";

/** Models without closed form are solved to this error of a step: what is left is not seen in differences. */
const TOLERANCE = 1e-12;

export interface GradCheckRequest {
  readonly loaded: LoadedExperiment;
  readonly weights: Float64Array;
  readonly samples: number;
  readonly weightsPerProjection: number;
  /** All that can serve when absent. */
  readonly estimators?: readonly EstimatorKind[];
  /** Repetitions on the experiment's chip; not at all when absent. */
  readonly chipRuns?: number;
  /** Run folder whose calibrations serve where its chip and network do; those that training would take when absent. */
  readonly runFolder?: string;
  readonly report: Report;
}

export interface GradCheckResult {
  readonly check: ExperimentCheck;
  readonly incompatible: ChosenEstimators["incompatible"];
  readonly memory: MemoryTable;
  readonly chip?: ChipGradients;
}

/** @throws UserError when a named estimator cannot serve, or the weights overflow, or there is no sample */
export async function gradCheck(request: GradCheckRequest): Promise<GradCheckResult> {
  const { loaded, weights, report } = request;
  const { experiment, components } = loaded;
  const { loss, data, encoder } = components;
  const network = withTolerance(components.network, TOLERANCE);
  const split = data.test.size > 0 ? data.test : data.train;
  const drawn = drawSamples(encoder.encode(split), split.labels, request.samples, experiment.seed);
  const problem: GradientProblem = { network, weights, loss, ...drawn };
  const { underTest, incompatible } = chooseEstimators(loaded, problem, request.estimators);
  if (underTest.length === 0) throw new UserError("compatibility", "no estimator can serve this experiment");
  const check = await checkExperiment({
    problem,
    underTest,
    weights: request.weightsPerProjection,
    seed: experiment.seed,
    report,
  });
  const result = {
    check,
    incompatible: [...incompatible, ...check.incompatible],
    memory: memoryTable(experiment, problem, underTest, check),
  };
  if (request.chipRuns === undefined) return result;
  const chip = await chipGradients({
    experiment,
    problem,
    estimators: underTest.map(({ config }) => config),
    software: check.gradient,
    calibrations: await calibrationsOf(experiment, report, request.runFolder),
    runs: request.chipRuns,
    report,
  });
  return { ...result, chip };
}
