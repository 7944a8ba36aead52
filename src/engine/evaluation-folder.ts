/**
 * An evaluation on disk: `<run>/evaluations/<name>/`, documented in docs/run-folder.md.
 *
 *     result.json       accuracy, loss, votes, activity, lost spikes, and what was run on what
 *     predictions.csv   sample,repeat,label,prediction, then a column of scores per output
 *     votes.csv         sample,label,vote,mean_prediction, then the mean scores; with several repeats only
 *     confusion.csv     a row per label, a column per predicted class, and `none`
 *     events.csv, spikes.csv, membrane.csv   of the samples that were asked for, as `emulate` reads and writes them
 *
 * The folder is written under another name and renamed when it is complete; an earlier evaluation is never overwritten.
 */

import { existsSync, mkdirSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { stringify } from "csv-stringify/sync";
import {
  createFolder,
  fileError,
  removeAbandoned,
  temporaryPath,
  writeAtomic,
  writeJson,
} from "../core/durable-files.ts";
import type { Answers } from "./evaluation.ts";
import type { EvaluationSummary } from "./evaluation-summary.ts";

export const EVALUATIONS = "evaluations";
export const EVALUATION_FILES = {
  result: "result.json",
  predictions: "predictions.csv",
  votes: "votes.csv",
  confusion: "confusion.csv",
} as const;

/** What was evaluated, beside the numbers that came out. */
export interface EvaluationSubject {
  /** Name of the experiment, and SHA-256 of the weights' text. */
  readonly experiment: string;
  readonly weights: string;
  /** Name of the substrate: "software", "ideal", "simulated-1", and the chip as the experiment has it. */
  readonly substrate: string;
  readonly chip: unknown;
  /** "train", "validation", "test", or "data" for a file of its own. */
  readonly split: string;
  readonly dataFile: string | null;
  /** Values laid over the experiment of the run, as for `--set`; none for a run under its own conditions. */
  readonly overrides: readonly string[];
  readonly command: readonly string[];
  readonly version: string;
  readonly started: string;
  readonly wallSeconds: number;
  readonly warnings: readonly string[];
}

/** result.json of an evaluation. */
export type EvaluationResult = ReturnType<typeof evaluationResult>;

export function evaluationResult(subject: EvaluationSubject, answers: Answers, summary: EvaluationSummary) {
  const { samples, repeats, data, cost } = answers;
  const { bytes: _bytes, chipMs: _chipMs, ...lost } = cost;
  const { accuracy, standardError, loss, unanswered, tied, runs, vote, meanOfScores, populations } = summary;
  const short = (kind: EvaluationSummary["vote"]) =>
    kind === undefined ? null : { accuracy: kind.accuracy, standardError: kind.standardError };
  return {
    format: "eventprop-evaluation",
    version: 1,
    experiment: subject.experiment,
    substrate: subject.substrate,
    split: subject.split,
    dataFile: subject.dataFile,
    samples,
    repeats,
    classes: data.classNames,
    accuracy,
    standardError,
    loss,
    unanswered,
    tied,
    runs,
    vote: short(vote),
    meanOfScores: short(meanOfScores),
    populations,
    lost: subject.substrate === "software" ? null : lost,
    saturatedWeights: answers.loaded.saturated,
    warnings: subject.warnings,
    chip: subject.chip,
    overrides: subject.overrides,
    weights: subject.weights,
    program: subject.version,
    command: subject.command,
    started: subject.started,
    wallSeconds: subject.wallSeconds,
  };
}

export interface WrittenEvaluation {
  readonly result: EvaluationResult;
  readonly answers: Answers;
  readonly summary: EvaluationSummary;
}

/**
 * Writes an evaluation into a new folder of `parent` and returns its path.
 * @param name of the folder; a number is appended when it is taken
 * @param writeMore writes what else belongs into the folder, before it gets its name
 * @throws UserError("file")
 */
export async function writeEvaluation(
  parent: string,
  name: string,
  { result, answers, summary }: WrittenEvaluation,
  writeMore: (folder: string) => Promise<void> = async () => {},
): Promise<string> {
  let temporary: string | undefined;
  try {
    createFolder(parent);
    removeAbandoned(join(parent, name));
    temporary = temporaryPath(join(parent, name));
    mkdirSync(temporary);
    writeJson(join(temporary, EVALUATION_FILES.result), result);
    writeAtomic(join(temporary, EVALUATION_FILES.predictions), predictionsText(answers));
    if (summary.vote !== undefined && summary.meanOfScores !== undefined)
      writeAtomic(
        join(temporary, EVALUATION_FILES.votes),
        votesText(answers, summary.vote, summary.meanOfScores),
      );
    if (answers.outputs > 0)
      writeAtomic(join(temporary, EVALUATION_FILES.confusion), confusionText(answers, summary));
    await writeMore(temporary);
    return rename(temporary, parent, name);
  } catch (cause) {
    if (temporary !== undefined) rmSync(temporary, { recursive: true, force: true });
    throw fileError(parent, cause);
  }
}

/** Gives the folder the first free name of `name`, `name-2`, `name-3`, …: a folder with content is never replaced. */
function rename(temporary: string, parent: string, name: string): string {
  for (let number = 1; ; number++) {
    const folder = join(parent, number === 1 ? name : `${name}-${number}`);
    if (existsSync(folder)) continue;
    try {
      renameSync(temporary, folder);
      return folder;
    } catch (cause) {
      const { code } = cause as NodeJS.ErrnoException;
      if (code !== "ENOTEMPTY" && code !== "EEXIST") throw cause;
    }
  }
}

/** The class that an output stands for; "output 3" for one beyond the classes, "" for none. */
function classOf({ data }: Answers, output: number): string {
  return output === -1 ? "" : (data.classNames[output] ?? `output ${output}`);
}

function outputNames(answers: Answers): string[] {
  return Array.from({ length: answers.outputs }, (_, output) => classOf(answers, output));
}

function predictionsText(answers: Answers): string {
  const { samples, repeats, outputs, prediction, scores, data } = answers;
  const header = ["sample", "repeat", "label", "prediction"];
  const rows: (string | number)[][] = [[...header, ...outputNames(answers).map((name) => `score ${name}`)]];
  for (let entry = 0; entry < repeats * samples; entry++) {
    const sample = entry % samples;
    const label = classOf(answers, data.labels[sample]!);
    const own = scores.subarray(entry * outputs, (entry + 1) * outputs);
    rows.push([sample, Math.floor(entry / samples) + 1, label, classOf(answers, prediction[entry]!), ...own]);
  }
  return stringify(rows);
}

function votesText(
  answers: Answers,
  vote: NonNullable<EvaluationSummary["vote"]>,
  mean: NonNullable<EvaluationSummary["meanOfScores"]>,
): string {
  const { samples, outputs, data } = answers;
  const header = ["sample", "label", "vote", "mean_prediction"];
  const rows: (string | number)[][] = [
    [...header, ...outputNames(answers).map((name) => `mean score ${name}`)],
  ];
  for (let sample = 0; sample < samples; sample++) {
    const names = [data.labels[sample]!, vote.prediction[sample]!, mean.prediction[sample]!];
    const own = mean.scores.subarray(sample * outputs, (sample + 1) * outputs);
    rows.push([sample, ...names.map((output) => classOf(answers, output)), ...own]);
  }
  return stringify(rows);
}

function confusionText(answers: Answers, { confusion }: EvaluationSummary): string {
  const rows = confusion.map((counts, label) => [classOf(answers, label), ...counts]);
  return stringify([["label", ...outputNames(answers), "none"], ...rows]);
}
