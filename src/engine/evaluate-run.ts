/**
 * A trained run on a substrate of choice: its own chip, another one (calibrated for it), the ideal chip, or software;
 * on its own data or on a file of the same kind. Reads the run folder, changes nothing in it but `evaluations/`.
 */

import { existsSync, readFileSync, statSync } from "node:fs";
import { basename, join } from "node:path";
import { softwareVersion } from "../calibration/store.ts";
import type { Calibration } from "../calibration/types.ts";
import { commandLine, PROGRAM } from "../core/command-line.ts";
import { UserError } from "../core/errors.ts";
import type { ProgressEvent, Report } from "../core/progress.ts";
import { sha256 } from "../core/sealed-json.ts";
import type { Split } from "../data/types.ts";
import { type LoadedExperiment, loadExperiment } from "../experiment/load.ts";
import type { Experiment } from "../experiment/schema.ts";
import { chipCalibrations } from "./chip-calibrations.ts";
import { evaluate } from "./evaluation.ts";
import {
  EVALUATIONS,
  type EvaluationResult,
  evaluationResult,
  writeEvaluation,
} from "./evaluation-folder.ts";
import { summarize } from "./evaluation-summary.ts";
import { readMetrics } from "./metrics.ts";
import { checkRunFiles } from "./result.ts";
import { RUN_FILES } from "./run-folder.ts";
import { checkPlacement } from "./training-run.ts";
import { readWeights } from "./weights-file.ts";

/** What the substrate of an evaluation is: overrides of the run's experiment, as for `--set`. */
export interface EvaluateRunRequest {
  readonly folder: string;
  readonly overrides: readonly string[];
  readonly split: Split;
  readonly repeats: number;
  /** Parent of the evaluation's folder; `evaluations` in the run folder when absent. */
  readonly out?: string;
  readonly command: readonly string[];
  readonly report: Report;
}

export interface RunEvaluation {
  readonly folder: string;
  readonly result: EvaluationResult;
}

/**
 * The experiment of a run with overrides laid over it.
 * @throws UserError("input-file") when the folder is not one of a run that has weights
 */
export function openRun(folder: string, overrides: readonly string[]): LoadedExperiment {
  const missing = [RUN_FILES.config, RUN_FILES.weights].find((file) => !existsSync(join(folder, file)));
  if (missing === undefined) {
    checkRunFiles(folder, RUN_FILES.config, RUN_FILES.weights);
    return loadExperiment(join(folder, RUN_FILES.config), { set: overrides });
  }
  const kind = statSync(folder, { throwIfNoEntry: false });
  const message =
    kind === undefined
      ? `there is no folder ${folder}`
      : kind.isDirectory()
        ? `${folder} has no ${missing}: it is not the folder of a run that ended`
        : `${folder} is a file, the folder of a run is expected`;
  const hint =
    missing === RUN_FILES.weights && existsSync(join(folder, RUN_FILES.checkpoint))
      ? `the run has not ended; go on with: ${commandLine("train", "--resume", folder)}`
      : `e.g. ${PROGRAM} evaluate runs/smoke/latest`;
  throw new UserError("input-file", message, { hint });
}

/** @throws UserError when the run cannot be read, or the network does not fit where it shall run */
export async function evaluateRun(request: EvaluateRunRequest): Promise<RunEvaluation> {
  const { folder, split, repeats } = request;
  const started = new Date();
  const warnings: string[] = [];
  const report = (event: ProgressEvent): void => {
    if (event.kind === "warning") warnings.push(event.message);
    request.report(event);
  };
  const loaded = openRun(folder, request.overrides);
  const { experiment, assembly } = loaded;
  const weightsFile = join(folder, RUN_FILES.weights);
  const weights = readWeights(weightsFile, assembly.network);
  if (assembly.data[split].size === 0)
    throw new UserError("input-file", `the data has no ${split} samples`, {
      hint: `choose another --split, or raise \`data.${split}\` with --set`,
    });
  checkPlacement(loaded);
  const calibrations = await calibrationsFor(folder, experiment, report);
  const answers = await evaluate({
    plan: { experiment, calibrations },
    weights,
    samples: split,
    epoch: trainedEpochs(folder, experiment),
    repeats,
    report,
  });
  const summary = summarize(answers);
  const substrate = substrateName(experiment, calibrations);
  if (repeats > 1 && substrate === "software")
    report({ kind: "warning", message: "software has no noise: all repeats give the same" });
  const result = evaluationResult(
    {
      experiment: experiment.name,
      weights: sha256(readFileSync(weightsFile)),
      substrate,
      chip: experiment.chip,
      split,
      dataFile: null,
      command: request.command,
      version: softwareVersion(),
      started: started.toISOString(),
      wallSeconds: (Date.now() - started.getTime()) / 1000,
      warnings,
    },
    answers,
    summary,
  );
  const parent = request.out ?? join(folder, EVALUATIONS);
  const name = `${split}-${substrate}${repeats > 1 ? `-x${repeats}` : ""}`;
  return { folder: writeEvaluation(parent, name, result, answers, summary), result };
}

/** On the run's own chip the calibrations that the run was made with, elsewhere those that training would take. */
async function calibrationsFor(
  folder: string,
  experiment: Experiment,
  report: Report,
): Promise<ReadonlyMap<string, Calibration>> {
  const own = loadExperiment(join(folder, RUN_FILES.config)).experiment;
  const same =
    JSON.stringify([own.chip, own.network]) === JSON.stringify([experiment.chip, experiment.network]);
  return chipCalibrations(experiment, report, same ? folder : undefined);
}

/** Epochs after which the weights of a run were taken. */
function trainedEpochs(folder: string, experiment: Experiment): number {
  const path = join(folder, RUN_FILES.metrics);
  if (!existsSync(path)) return experiment.training.epochs;
  return readMetrics(path).at(-1)?.epoch ?? experiment.training.epochs;
}

/** "software", "ideal", or the name of the simulated chip, without what a file name cannot hold. */
function substrateName({ chip }: Experiment, calibrations: ReadonlyMap<string, Calibration>): string {
  if (chip.kind === "software") return chip.kind;
  const [calibration] = calibrations.values();
  return basename(calibration?.chip ?? chip.kind).replaceAll(/[^\w.-]/g, "_");
}
