/**
 * A trained run on a substrate of choice: its own chip, another one (calibrated for it), the ideal chip, or software;
 * on its own data or on a file of the same kind. Reads the run folder, changes nothing in it but `evaluations/`.
 */

import { existsSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { softwareVersion } from "../calibration/store.ts";
import type { Calibration } from "../calibration/types.ts";
import { UserError } from "../core/errors.ts";
import type { ProgressEvent, Report } from "../core/progress.ts";
import { sha256 } from "../core/sealed-json.ts";
import { formatTime } from "../core/units.ts";
import { moreSamples } from "../data/more-samples.ts";
import { SPLITS, type Split } from "../data/types.ts";
import type { LoadedExperiment } from "../experiment/load.ts";
import type { Experiment } from "../experiment/schema.ts";
import { observedRow } from "./epoch-totals.ts";
import { type Answers, evaluate, recordSamples } from "./evaluation.ts";
import {
  EVALUATIONS,
  type EvaluationResult,
  evaluationResult,
  writeEvaluation,
} from "./evaluation-folder.ts";
import { type EvaluationSummary, summarize } from "./evaluation-summary.ts";
import { readMetrics } from "./metrics.ts";
import { calibrationsOf, openRun } from "./open-run.ts";
import { type EncodedSplit, encodeSplit, prepareRun } from "./run-config.ts";
import { RUN_FILES } from "./run-folder.ts";
import { createWatch, type Warning, warningLine } from "./warnings.ts";
import { readWeights } from "./weights-file.ts";

/** What the substrate of an evaluation is: overrides of the run's experiment, as for `--set`. */
export interface EvaluateRunRequest {
  readonly folder: string;
  readonly overrides: readonly string[];
  readonly split: Split;
  /** File with other samples, which are run instead of the split. */
  readonly dataFile?: string;
  readonly repeats: number;
  /** Samples whose spikes and membranes are written, by their numbers in the split or the file. */
  readonly record?: readonly number[];
  /** Parent of the evaluation's folder; `evaluations` in the run folder when absent. */
  readonly out?: string;
  readonly command: readonly string[];
  readonly report: Report;
}

export interface RunEvaluation {
  readonly folder: string;
  readonly result: EvaluationResult;
}

/** @throws UserError when the run cannot be read, or the network does not fit where it shall run */
export async function evaluateRun(request: EvaluateRunRequest): Promise<RunEvaluation> {
  const { folder, dataFile, repeats, record = [] } = request;
  const started = new Date();
  const warnings: string[] = [];
  const report = (event: ProgressEvent): void => {
    if (event.kind === "warning") warnings.push(event.message);
    request.report(event);
  };
  const loaded = openRun(folder, request.overrides);
  const { experiment, components } = loaded;
  const weightsFile = join(folder, RUN_FILES.weights);
  const weights = readWeights(weightsFile, components.network);
  const given = dataFile === undefined ? undefined : encodedFile(loaded, dataFile);
  const split = given?.name ?? request.split;
  const size = given?.labels.length ?? components.data[request.split].size;
  if (size === 0)
    throw new UserError("input-file", `the data has no ${split} samples`, {
      hint: `choose another --split, or raise \`data.${split}\` with --set`,
    });
  const missing = record.find((sample) => sample >= size);
  if (missing !== undefined)
    throw new UserError("usage", `there is no sample ${missing} to record`, {
      hint: `the ${given === undefined ? `${split} samples` : "samples of the file"} are 0 to ${size - 1}`,
    });
  const calibrations = await calibrationsOf(experiment, report, folder);
  const prepared = prepareRun({ experiment, calibrations }, components);
  const epoch = trainedEpochs(folder, experiment);
  const answers = await evaluate({
    prepared,
    weights,
    samples: given ?? request.split,
    epoch,
    repeats,
    report,
  });
  const summary = summarize(answers);
  for (const warning of warningsOf(answers, summary, experiment.chip.kind !== "software"))
    report({ kind: "warning", message: warningLine(warning), hint: warning.hint });
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
      dataFile: dataFile ?? null,
      overrides: request.overrides,
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
  const place = writeEvaluation(parent, name, { result, answers, summary }, async (inside) => {
    if (record.length > 0)
      await recordSamples({
        prepared,
        weights,
        data: answers.data,
        split: given === undefined ? SPLITS.indexOf(request.split) : SPLITS.length,
        epoch,
        samples: record,
        folder: inside,
      });
  });
  return { folder: await place, result };
}

/** The name of what is not a part of the data, in results and folders. */
const OTHER_DATA = "data";

/** The samples of a file as input spikes of the network. @throws UserError("input-file") */
function encodedFile({ components, experiment }: LoadedExperiment, path: string): EncodedSplit {
  const samples = encodeSplit(OTHER_DATA, moreSamples(components.data, path), components.encoder);
  const { duration } = experiment.network;
  const late = samples.inputs.time.findIndex((time) => time > duration);
  if (late >= 0)
    throw new UserError("input-file", `${path} has a spike at ${formatTime(samples.inputs.time[late]!)}`, {
      hint: `the samples of the network end at ${formatTime(duration)}`,
    });
  return samples;
}

function warningsOf(answers: Answers, summary: EvaluationSummary, onChip: boolean): Warning[] {
  const { network, samples, repeats, data, silentEntries, missing, weightSteps } = answers;
  const row = observedRow(data.name, {
    ...answers,
    samples: samples * repeats,
    onChip,
    silentSamples: silentEntries,
    inputs: repeats * data.inputs.time.length,
    unanswered: summary.unanswered,
    tied: summary.tied,
    missingOutputs: missing.reduce((sum, count) => sum + count, 0),
  });
  return createWatch({ network, weightSteps })(row);
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
