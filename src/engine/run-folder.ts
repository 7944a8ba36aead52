/**
 * The folder of one run: `runs/<experiment>/<YYYYMMDD-HHMMSS>-<4 letters>`, in local time, with a link `latest`
 * beside it to the last one; or exactly the folder that the user named. An earlier run is never written over.
 */

import { randomInt } from "node:crypto";
import { mkdirSync, readdirSync, renameSync, rmSync, symlinkSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import {
  createFolder,
  fileError,
  removeAbandoned,
  syncFolder,
  temporaryPath,
} from "../core/durable-files.ts";
import { UserError } from "../core/errors.ts";

/** Names of the files in a run folder. */
export const RUN_FILES = {
  config: "config.yaml",
  source: "config.source.yaml",
  metrics: "metrics.csv",
  result: "result.json",
  provenance: "provenance.json",
  calibration: "calibration.json",
  placement: "placement.json",
  log: "log.ndjson",
  checkpoint: "checkpoint.bin",
  weights: "weights.json",
  observed: "observed.json",
  figures: "figures",
} as const;

export interface RunFolderRequest {
  /** Name of the experiment: its file's name without extension. */
  readonly experiment: string;
  /** Exactly this folder instead of a name of its own. */
  readonly out?: string;
  /** Parent of the experiments' folders. */
  readonly root?: string;
  readonly now: Date;
}

/**
 * Creates the folder and returns its path.
 * @throws UserError("file") when it cannot be written, or when `out` holds something already
 */
export function createRunFolder(request: RunFolderRequest): string {
  return request.out === undefined ? createNamed(request) : createExact(request.out);
}

function createExact(out: string): string {
  checkVacant(out);
  createFolder(out);
  return out;
}

/**
 * Whether a run may be written to `out`: it does not exist yet, or is an empty folder. Creates nothing, so that
 * long work before the run need not be done in vain.
 * @throws UserError("file")
 */
export function checkVacant(out: string): void {
  let entries: readonly string[] = [];
  try {
    entries = readdirSync(out);
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== "ENOENT") throw fileError(out, cause);
  }
  if (entries.length > 0)
    throw new UserError("file", `${out} is not empty; a run is never written over another`, {
      hint: "name a new folder with --out, or leave it out",
    });
}

function createNamed({ experiment, root = "runs", now }: RunFolderRequest): string {
  const parent = join(root, experiment);
  createFolder(parent);
  for (;;) {
    const folder = join(parent, `${timeStamp(now)}-${letters()}`);
    try {
      mkdirSync(folder);
    } catch (cause) {
      if ((cause as NodeJS.ErrnoException).code === "EEXIST") continue;
      throw fileError(folder, cause);
    }
    syncFolder(parent);
    return folder;
  }
}

/** 2026-03-01 14:22:33 → `20260301-142233` */
export function timeStamp(now: Date): string {
  const two = (value: number): string => String(value).padStart(2, "0");
  const date = `${now.getFullYear()}${two(now.getMonth() + 1)}${two(now.getDate())}`;
  return `${date}-${two(now.getHours())}${two(now.getMinutes())}${two(now.getSeconds())}`;
}

/** Four letters that can be said aloud. They name a folder and touch no result, so they need no seed. */
function letters(): string {
  const draw = (from: string): string => from[randomInt(from.length)] as string;
  const consonants = "bdfghjklmnprstvz";
  const vowels = "aeiou";
  return draw(consonants) + draw(vowels) + draw(consonants) + draw(vowels);
}

/**
 * Points the link `latest` beside a run folder at it; call it when the folder holds a run that one can go on with.
 * A convenience: file systems without links go without it.
 */
export function linkLatest(folder: string): void {
  const link = join(dirname(folder), "latest");
  const temporary = temporaryPath(link);
  try {
    removeAbandoned(link);
    symlinkSync(basename(folder), temporary, "dir");
    renameSync(temporary, link);
  } catch {
    rmSync(temporary, { force: true });
  }
}
