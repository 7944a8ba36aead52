/**
 * Going on with a run: claims its folder, reads its checkpoint, and makes sure that nothing has changed that decides
 * the result. Until all of this has held, nothing in the folder is written.
 */

import { existsSync, readFileSync, rmSync } from "node:fs";
import { join, resolve } from "node:path";
import { removeTemporaries } from "../core/durable-files.ts";
import { UserError } from "../core/errors.ts";
import { sha256 } from "../core/sealed-json.ts";
import { type LoadedExperiment, loadExperiment } from "../experiment/load.ts";
import { isOpenEnded } from "../optimize/schedules/index.ts";
import { type Checkpoint, readCheckpoint } from "./checkpoint.ts";
import { runCalibrationFiles } from "./chip-calibrations.ts";
import { checkMetrics } from "./metrics.ts";
import { type Provenance, readProvenance, thisProgram } from "./provenance.ts";
import { checkRunFiles, readResult, type StoredResult } from "./result.ts";
import { RUN_FILES } from "./run-folder.ts";
import {
  differences,
  experimentDigest,
  fileDigest,
  type NamedFile,
  namedFiles,
  type RunIdentity,
} from "./run-identity.ts";
import { isClaimed, lockRun, type RunLock } from "./run-lock.ts";

export interface ResumeRequest {
  readonly folder: string;
  /** Values laid over the experiment, as `path=value`: where its files are now, the number of workers. */
  readonly set: readonly string[];
  /** Whether another program may go on with the run. */
  readonly anyProgram: boolean;
  /** Makes the training so many epochs long; as long as it was meant to be when absent. */
  readonly epochs?: number | undefined;
}

export interface Resume {
  readonly folder: string;
  readonly lock: RunLock;
  readonly checkpoint: Checkpoint;
  readonly provenance: Provenance;
  readonly loaded: LoadedExperiment;
  /** With the program that goes on. */
  readonly identity: RunIdentity;
  /** What a user should know about it. */
  readonly notes: readonly string[];
}

/**
 * The result of a run that has finished, for which nothing is left to do; undefined for a run to go on with.
 * @throws UserError("file") when files of a finished run, or the data that it began with, were changed
 */
export function finishedResult(folder: string, set: readonly string[]): StoredResult | undefined {
  const result = readResult(folder);
  if (result?.outcome !== "finished") return undefined;
  checkRunFiles(folder, ...Object.keys(result.files), RUN_FILES.metrics);
  const { files } = readProvenance(folder);
  const harmless = ["training.workers", ...files.map(({ key }) => key)];
  if (set.some((text) => !harmless.some((key) => text.startsWith(`${key}=`)))) throw changesOutcome(files);
  for (const { key, path, sha256: digest } of files) {
    if (!existsSync(path) || fileDigest(path) === digest) continue;
    throw new UserError(
      "file",
      `${path} (${key}) does not hold the data that the finished run was made with`,
      {
        hint: "nothing was written; start a new run with the data that there are now",
      },
    );
  }
  tidy(folder);
  return result;
}

/** Removes what a process left that was killed when all but its last file was written. */
function tidy(folder: string): void {
  try {
    if (!isClaimed(folder)) removeTemporaries(folder);
  } catch {
    // An archive may be read-only, and the run is complete without this.
  }
}

/** @throws UserError("file") naming what stands against going on; UserError("usage") for values that would change it */
export function openResume({ folder, set, anyProgram, epochs }: ResumeRequest): Resume {
  // First, so that a folder that is none of a run is not written to.
  readCheckpoint(join(folder, RUN_FILES.checkpoint));
  const lock = lockRun(folder);
  try {
    removeTemporaries(folder);
    const checkpoint = readCheckpoint(join(folder, RUN_FILES.checkpoint));
    const { identity: began } = checkpoint;
    const provenance = readProvenance(folder);
    const moved = movedFiles(began, folder, set);
    if (set.some((text) => text.startsWith("training.epochs="))) throw changesOutcome(began.files);
    const load = (length: readonly string[]) =>
      loadExperiment(join(folder, RUN_FILES.config), {
        set: [...set, ...length, ...moved.map(({ key, path }) => `${key}=${JSON.stringify(path)}`)],
      });
    const written = load([]);
    const writtenEpochs = written.experiment.training.epochs;
    // A call that was to make the run longer and was cut off may have left the earlier number in the file.
    const meant = epochs ?? (mayBecomeLonger(written.experiment) ? began.epochs : writtenEpochs);
    const loaded = meant === writtenEpochs ? written : load([`training.epochs=${meant}`]);
    const program = thisProgram();
    const identity: RunIdentity = {
      experiment: experimentDigest(loaded.experiment, loaded.files),
      epochs: loaded.experiment.training.epochs,
      files: namedFiles(loaded, folder),
      calibrations: runCalibrationFiles(folder).map((path) => sha256(readFileSync(path))),
      program,
    };
    if (epochs !== undefined) checkLonger(loaded.experiment, checkpoint.epoch);
    refuseDifferences(began, identity, folder, set);
    const notes = [
      ...(epochs === undefined && meant !== writtenEpochs
        ? [
            `${RUN_FILES.config} says ${writtenEpochs} epochs, the checkpoint ${meant}: the run goes on to ${meant}`,
          ]
        : []),
      ...moved.map(({ key, path }) => `${key} is now ${path}, with the same content`),
      ...otherProgram(began, identity, anyProgram),
    ];
    checkMetrics(join(folder, RUN_FILES.metrics), checkpoint.metrics);
    return { folder, lock, checkpoint, provenance, loaded, identity, notes };
  } catch (error) {
    lock.release();
    throw error;
  }
}

/** Whether a training can go on for more epochs than it was meant to have, to what it would have been with them. */
export function mayBecomeLonger({ schedule }: LoadedExperiment["experiment"]): boolean {
  return isOpenEnded(schedule);
}

/** @throws UserError("usage") where a training cannot be made longer, or is that long already */
function checkLonger(experiment: LoadedExperiment["experiment"], done: number): void {
  const {
    schedule,
    training: { epochs },
  } = experiment;
  if (!mayBecomeLonger(experiment))
    throw new UserError(
      "usage",
      `the schedule \`${schedule.kind}\` depends on the number of epochs: with more of them, those that are done would have been other ones`,
      { hint: "begin a new run with these weights: train <experiment> --from <run>" },
    );
  if (epochs <= done)
    throw new UserError("usage", `the run has completed ${done} epochs; --epochs counts all of them`, {
      hint: `e.g. --epochs ${2 * Math.max(1, done)}`,
    });
}

/** The outcome of an earlier call does not describe a run that goes on. */
export function forgetOutcome(folder: string): void {
  for (const name of [RUN_FILES.result, RUN_FILES.weights, RUN_FILES.observed])
    rmSync(join(folder, name), { force: true });
}

/**
 * Files that are no longer where the experiment says, and lie where they lay as seen from the run folder, with the
 * same content: the project was moved as a whole.
 */
function movedFiles(began: RunIdentity, folder: string, set: readonly string[]) {
  return began.files.flatMap(({ key, path, fromFolder, sha256: digest }) => {
    if (existsSync(path) || set.some((text) => text.startsWith(`${key}=`))) return [];
    const there = resolve(folder, fromFolder);
    if (existsSync(there) && fileDigest(there) === digest) return [{ key, path: there }];
    throw new UserError("file", `${path} is missing, which the run began with as ${key}`, {
      hint: `say where it is now: --set ${key}=<file>`,
    });
  });
}

function refuseDifferences(
  began: RunIdentity,
  now: RunIdentity,
  folder: string,
  set: readonly string[],
): void {
  const [first, ...others] = differences(began, now);
  if (first === undefined) return;
  if (began.experiment !== now.experiment && set.length > 0) throw changesOutcome(began.files);
  throw new UserError("file", `${folder} cannot go on: ${first}`, {
    hint: "restore what the run began with, or start a new run with what there is now",
    also: others.map((one) => new UserError("file", one)),
  });
}

function changesOutcome(files: readonly NamedFile[]): UserError {
  const places = files.map(({ key }) => ` and ${key}`).join("");
  return new UserError("usage", "--resume goes on with a run as it is: --set changes its outcome", {
    hint: `only training.workers${places} may be set`,
  });
}

function otherProgram(began: RunIdentity, now: RunIdentity, accepted: boolean): string[] {
  if (began.program.hash === now.program.hash) return [];
  const name = ({ program: { version, hash } }: RunIdentity): string => `${version} (${hash.slice(0, 8)})`;
  const problem = `the run began with version ${name(began)} of this program, this is ${name(now)}`;
  if (accepted) return [`${problem}; both stand in ${RUN_FILES.provenance}`];
  throw new UserError("file", problem, {
    hint: "results may differ; --other-program goes on all the same, and records both versions",
  });
}
