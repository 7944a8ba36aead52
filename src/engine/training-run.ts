/**
 * One training run with its folder: everything is checked before the folder exists; everything that happens
 * after is on disk, whatever ends the run. Results come first; pictures are extras that cannot fail a run.
 */

import { readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { createFolder, writeAtomic, writeJson } from "../core/durable-files.ts";
import { UserError } from "../core/errors.ts";
import type { ProgressEvent, Report } from "../core/progress.ts";
import { sha256 } from "../core/sealed-json.ts";
import type { LoadedExperiment } from "../experiment/load.ts";
import { experimentYaml } from "../experiment/print.ts";
import type { Experiment } from "../experiment/schema.ts";
import { placedJson } from "../mapping/placement-json.ts";
import { resumeFrom } from "./checkpoint.ts";
import { chipCalibrations, runCalibrationFiles, saveRunCalibrations } from "./chip-calibrations.ts";
import { placeOnChip } from "./executor.ts";
import { type Log, openLog } from "./log.ts";
import { readMetrics } from "./metrics.ts";
import type { FirstWeights } from "./open-run.ts";
import { describeCall, type Provenance, thisProgram, withEnd, writeProvenance } from "./provenance.ts";
import { type Outcome, type RunResult, writeResult } from "./result.ts";
import { forgetOutcome, type Resume } from "./resume.ts";
import { type PreparedRun, prepareRun } from "./run-config.ts";
import { checkVacant, createRunFolder, linkLatest, RUN_FILES } from "./run-folder.ts";
import { experimentDigest, namedFiles, type RunIdentity } from "./run-identity.ts";
import { lockRun, type RunLock } from "./run-lock.ts";
import { type TrainProgress, train } from "./train.ts";
import type { Warning } from "./warnings.ts";
import { weightsText } from "./weights-file.ts";

export interface TrainingRequest {
  readonly loaded: LoadedExperiment;
  readonly out?: string;
  /** Goes on with this run. */
  readonly resume?: Resume;
  /** Begins with the weights of another run. */
  readonly from?: FirstWeights;
  readonly workers: number;
  readonly command: readonly string[];
  /** When the command began. */
  readonly started: Date;
  readonly report: Report;
  /** Called when all is checked and calibrated, before anything is written: from here on stops are heard. */
  readonly begins?: () => void;
  readonly stopRequested: () => boolean;
  /** Exit code of a call that ends now as interrupted. */
  readonly interruptedCode: () => number;
}

export interface TrainingOutcome {
  readonly folder: string;
  readonly result: RunResult;
}

/** Runs an experiment to its end. Errors are thrown after result.json says what happened. */
export async function runTraining(request: TrainingRequest): Promise<TrainingOutcome> {
  const { loaded, report, resume, started } = request;
  const { experiment } = loaded;
  const { network } = loaded.components;
  if (request.out !== undefined) checkVacant(request.out);
  const calibrations = await chipCalibrations(experiment, report, resume?.folder);
  const prepared = prepareRun({ experiment, calibrations }, loaded.components);
  request.begins?.();
  const { folder, lock } = resume ?? newFolder(request);
  let log: Log | undefined;
  let begun = resume !== undefined;
  try {
    const opened = openLog(folder, report);
    log = opened;
    const { identity, provenance } =
      resume === undefined ? writeInputs(folder, request, prepared) : goOn(resume, request);
    const earlierSeconds = resume?.checkpoint.wallSeconds ?? 0;
    const wallSeconds = (): number => earlierSeconds + (Date.now() - started.getTime()) / 1000;
    const finish = (result: RunResult, exitCode: number): TrainingOutcome => {
      writeResult(folder, result);
      writeProvenance(folder, withEnd(provenance, new Date(), exitCode));
      opened.info({ result }, "end");
      return { folder, result };
    };
    const progress: TrainProgress = { epochs: 0, last: {}, warnings: loaded.warnings.map(beforeTraining) };
    const ending = (outcome: Outcome): RunResult => resultOf(loaded, outcome, progress, wallSeconds());
    let done: TrainingOutcome;
    try {
      const { outcome, weights, epochs } = await train({
        prepared,
        folder,
        workers: request.workers,
        report: logging(opened, report),
        stopRequested: request.stopRequested,
        checkpoints: { identity, wallSeconds },
        progress,
        begun: () => {
          if (resume !== undefined) {
            forgetOutcome(folder);
            // After the result that holds its digest: a call that is cut off here leaves a run to go on with.
            writeAtomic(join(folder, RUN_FILES.config), experimentYaml(loaded));
          } else if (request.out === undefined) linkLatest(folder);
          begun = true;
        },
        ...(request.from === undefined ? {} : { initialWeights: request.from.weights }),
        ...(resume === undefined ? {} : { start: resumeFrom(resume.checkpoint, network, identity.epochs) }),
      });
      writeAtomic(join(folder, RUN_FILES.weights), weightsText(weights, network));
      if (outcome === "finished") await observeTrained(folder, prepared, weights, epochs, report);
      done = finish(ending(outcome), outcome === "finished" ? 0 : request.interruptedCode());
    } catch (error) {
      if (!begun) throw error;
      const known = error instanceof UserError;
      const outcome = known && error.code === "diverged" ? "diverged" : "failed";
      const message = error instanceof Error ? error.message : String(error);
      try {
        finish({ ...ending(outcome), message }, known ? error.exitCode : 1);
      } catch (also) {
        // What ended the run is what has to be said; this only follows from it, mostly: the disk is full.
        report({ kind: "warning", message: `the end is not recorded: ${(also as Error).message}` });
      }
      throw error;
    }
    await drawLearningCurve(folder, experiment.name, report);
    return done;
  } catch (error) {
    // What did not begin is no run: the folder held nothing before.
    if (!begun)
      for (const name of readdirSync(folder)) rmSync(join(folder, name), { recursive: true, force: true });
    if (!begun && request.out === undefined) rmSync(folder, { recursive: true, force: true });
    throw error;
  } finally {
    log?.close();
    lock.release();
  }
}

function newFolder({ loaded, started, out }: TrainingRequest): { folder: string; lock: RunLock } {
  const folder = createRunFolder({
    experiment: loaded.experiment.name,
    now: started,
    ...(out === undefined ? {} : { out }),
  });
  const lock = lockRun(folder);
  if (readdirSync(folder).length === 1) return { folder, lock };
  // Between the look and the lock another run went there, and has ended.
  lock.release();
  checkVacant(folder);
  return { folder, lock: lockRun(folder) };
}

/** Writes what the run starts from. */
function writeInputs(
  folder: string,
  request: TrainingRequest,
  { experiment, calibrations, placement }: PreparedRun,
): { identity: RunIdentity; provenance: Provenance } {
  const { loaded } = request;
  const resolved = experimentYaml(loaded);
  writeAtomic(join(folder, RUN_FILES.config), resolved);
  writeAtomic(join(folder, RUN_FILES.source), loaded.sourceText);
  saveRunCalibrations(folder, calibrations);
  if (experiment.chip.kind !== "software") {
    const { network } = loaded.components;
    const placed = placement ?? placeOnChip(experiment, network, calibrations);
    writeJson(join(folder, RUN_FILES.placement), placedJson(network, placed));
  }
  const identity: RunIdentity = {
    experiment: experimentDigest(experiment, loaded.files),
    epochs: experiment.training.epochs,
    files: namedFiles(loaded, folder),
    calibrations: runCalibrationFiles(folder).map((path) => sha256(readFileSync(path))),
    program: thisProgram(),
  };
  const provenance: Provenance = {
    ...callOf(request, identity),
    experimentHash: sha256(resolved),
    files: identity.files,
    seeds: seedsOf(experiment),
    parent: request.from?.parent ?? null,
    resumed: [],
  };
  writeProvenance(folder, provenance);
  return { identity, provenance };
}

/** Appends this call to the record of a run that goes on. */
function goOn(
  { folder, identity, provenance: before }: Resume,
  request: TrainingRequest,
): { identity: RunIdentity; provenance: Provenance } {
  const provenance = { ...before, resumed: [...before.resumed, callOf(request, identity)] };
  writeProvenance(folder, provenance);
  return { identity, provenance };
}

function callOf({ command, started }: TrainingRequest, { program }: RunIdentity) {
  return describeCall({ command, workingFolder: process.cwd(), program, started });
}

/** What reports show of the trained network; its failure is no failure of the run. */
async function observeTrained(
  folder: string,
  prepared: PreparedRun,
  weights: Float64Array,
  epochs: number,
  report: Report,
): Promise<void> {
  try {
    const { writeObserved } = await import("./observed.ts");
    await writeObserved(folder, prepared, weights, epochs);
  } catch (error) {
    report({ kind: "warning", message: `${RUN_FILES.observed} is not written: ${(error as Error).message}` });
  }
}

/** Loss and accuracy by epoch as figures/learning-curve.svg; nothing before the first epoch is complete. */
async function drawLearningCurve(folder: string, name: string, report: Report): Promise<void> {
  try {
    const rows = readMetrics(join(folder, RUN_FILES.metrics));
    if (rows.length === 0) return;
    const { learningCurve } = await import("../figures/learning-curve.ts");
    createFolder(join(folder, RUN_FILES.figures));
    writeAtomic(join(folder, RUN_FILES.figures, "learning-curve.svg"), await learningCurve(name, rows));
  } catch (error) {
    report({ kind: "warning", message: `the learning curve is not drawn: ${(error as Error).message}` });
  }
}

function logging(log: Log, report: Report): Report {
  return (event: ProgressEvent) => {
    if (event.kind === "warning") log.warn(event.message);
    else if (event.kind !== "step" || event.part === undefined) log.info(event);
    report(event);
  };
}

function seedsOf({ seed, chip }: Experiment): RunResult["seeds"] {
  return { run: seed, chip: chip.kind === "simulated" ? chip.seed : null };
}

/** The result at an end of the run. */
function resultOf(
  { experiment, components }: LoadedExperiment,
  outcome: Outcome,
  { epochs, last, best, updates, warnings }: TrainProgress,
  wallSeconds: number,
): RunResult {
  return {
    outcome,
    testAccuracy: last.test?.accuracy ?? null,
    testLoss: last.test?.loss ?? null,
    validationAccuracy: (best ?? last.validation)?.accuracy ?? null,
    bestEpoch: best?.epoch ?? null,
    epochs,
    ...(updates === undefined ? {} : { updates }),
    wallSeconds,
    seeds: seedsOf(experiment),
    classes: components.data.train.classNames,
    warnings,
  };
}

/** What the checks of the experiment file warned of, in the form of what is seen during training. */
function beforeTraining({ where, message, hint = "" }: LoadedExperiment["warnings"][number]): Warning {
  const subject = `${where.file}:${where.line}`;
  return { condition: "experiment", subject, epoch: 0, split: "", message, hint };
}
