/**
 * What decides the result of a run: the resolved experiment, the content of the files that it names, the calibrations,
 * the program. Where files lie, and the number of workers, decide nothing and are not part of it.
 */

import { readdirSync, readFileSync, statSync } from "node:fs";
import { join, relative } from "node:path";
import { fileReason, UserError } from "../core/errors.ts";
import { sha256 } from "../core/sealed-json.ts";
import type { LoadedExperiment } from "../experiment/load.ts";
import type { Experiment } from "../experiment/schema.ts";
import { type Path, pathText } from "../experiment/tree.ts";
import { isOpenEnded } from "../optimize/schedules/index.ts";

/** A file that the experiment names. */
export interface NamedFile {
  /** Where the experiment names it: `data.path`. */
  readonly key: string;
  readonly path: string;
  /** As seen from the run folder: finds it again when a project moves as a whole. */
  readonly fromFolder: string;
  readonly sha256: string;
}

export interface Program {
  readonly version: string;
  /** Over names and contents of the compiled program. */
  readonly hash: string;
}

export interface RunIdentity {
  /** SHA-256 of the resolved experiment without names of files, workers and loggers. */
  readonly experiment: string;
  /** How long the training is meant to be. `--epochs` changes it where that changes nothing of what was done. */
  readonly epochs: number;
  readonly files: readonly NamedFile[];
  /** SHA-256 of each calibration file in the run folder, in their order. */
  readonly calibrations: readonly string[];
  readonly program: Program;
}

/**
 * Digest of what the experiment says of results, without the number of epochs where the schedule does not depend on it. The
 * order of the sections does not count, because config.yaml does not keep it.
 * Within a section order counts: it is the order of the populations.
 * @param files where the experiment names files
 */
export function experimentDigest(experiment: Experiment, files: readonly Path[]): string {
  const {
    workers: _workers,
    workerTimeout: _workerTimeout,
    log: _log,
    epochs,
    ...rest
  } = experiment.training;
  // A run can be made longer where that changes nothing of what it did so far.
  const training = isOpenEnded(experiment.schedule) ? rest : { ...rest, epochs };
  const plain = structuredClone({ ...experiment, training }) as Record<string, unknown>;
  // Where the server of a remote chip stands, and how long to wait for it, is like the path of a file.
  for (const key of ["address", "deadline", "attempts"]) forget(plain, ["chip", key]);
  for (const path of files) forget(plain, path);
  const sections = Object.entries(plain).sort(([a], [b]) => (a < b ? -1 : 1));
  return sha256(JSON.stringify(sections));
}

/** Without the value at `path`. */
function forget(root: Record<string, unknown>, path: Path): void {
  let container: Record<string, unknown> | undefined = root;
  for (const part of path.slice(0, -1)) container = container?.[part] as Record<string, unknown> | undefined;
  const key = path.at(-1) as string;
  if (container !== undefined && key in container) container[key] = "";
}

/**
 * The files that an experiment names, with their digests. Calibrations are not among them: a run keeps its own copies.
 * @throws UserError("input-file") when one cannot be read
 */
export function namedFiles({ experiment, files }: LoadedExperiment, runFolder: string): NamedFile[] {
  return files
    .filter(([section]) => section !== "chip")
    .map((at) => {
      let value: unknown = experiment;
      for (const part of at) value = (value as Record<string, unknown>)[part];
      const path = value as string;
      return { key: pathText(at), path, fromFolder: relative(runFolder, path), sha256: fileDigest(path) };
    });
}

/** Of a file, or of the names and contents of all files of a folder. @throws UserError("input-file") */
export function fileDigest(path: string): string {
  try {
    if (!statSync(path).isDirectory()) return sha256(readFileSync(path));
    const files = readdirSync(path, { withFileTypes: true }).filter((entry) => entry.isFile());
    const names = files.map(({ name }) => name).sort();
    return sha256(names.map((name) => `${name} ${sha256(readFileSync(join(path, name)))}\n`).join(""));
  } catch (cause) {
    throw new UserError("input-file", `cannot read ${path}: ${fileReason(cause) ?? String(cause)}`, {
      cause,
    });
  }
}

/**
 * What differs between a run as it began and as it would go on, one sentence each; empty when nothing does. The
 * program is left out: another one may be accepted.
 */
export function differences(began: RunIdentity, now: RunIdentity): string[] {
  const found: string[] = [];
  if (began.experiment !== now.experiment)
    found.push("the experiment is not the one that the run began with");
  for (const { key, path, sha256: digest } of now.files) {
    const before = began.files.find((one) => one.key === key);
    if (before?.sha256 !== digest)
      found.push(
        `${path} (${key}) does not hold the data that the run began with: its SHA-256 is ${digest}, not ${before?.sha256}`,
      );
  }
  if (began.calibrations.join() !== now.calibrations.join())
    found.push("the calibrations in the run folder are not those that the run began with");
  return found;
}
