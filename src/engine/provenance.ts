/**
 * provenance.json: what it takes to understand a run later: the command, the program, the machine, the
 * inputs, the times. Nothing of the environment is recorded: it may hold secrets.
 */

import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { arch, cpus, release, totalmem, type } from "node:os";
import { join, relative, sep } from "node:path";
import { writeJson } from "./atomic-file.ts";
import { RUN_FILES } from "./run-folder.ts";

export interface ProvenanceRequest {
  /** Command line after the program's name. */
  readonly command: readonly string[];
  readonly workingFolder: string;
  /** Version of this program. */
  readonly version: string;
  /** Folder of the compiled program; its files are hashed. */
  readonly programFolder: string;
  /** Resolved experiment, as written to the run folder. */
  readonly experiment: string;
  readonly seeds: Readonly<Record<string, number | null>>;
  readonly started: Date;
}

export interface Provenance {
  readonly command: readonly string[];
  readonly workingFolder: string;
  readonly version: string;
  /** SHA-256 of names and contents of the program's .js and .wasm files, and of the resolved experiment. */
  readonly programHash: string;
  readonly experimentHash: string;
  /** Repository of the working folder; null outside of one. */
  readonly git: { readonly commit: string; readonly dirty: boolean } | null;
  readonly node: string;
  readonly v8: string;
  readonly system: string;
  readonly processor: { readonly model: string; readonly count: number };
  readonly memoryBytes: number;
  readonly seeds: Readonly<Record<string, number | null>>;
  readonly started: string;
  readonly ended: string | null;
  readonly exitCode: number | null;
}

/** Collected at the start of a run; `ended` and `exitCode` are still null. */
export function collectProvenance(request: ProvenanceRequest): Provenance {
  const processors = cpus();
  return {
    command: request.command,
    workingFolder: request.workingFolder,
    version: request.version,
    programHash: hashFolder(request.programFolder),
    experimentHash: sha256(request.experiment),
    git: gitState(request.workingFolder),
    node: process.versions.node,
    v8: process.versions.v8,
    system: `${type()} ${release()} ${arch()}`,
    processor: { model: processors[0]?.model ?? "unknown", count: processors.length },
    memoryBytes: totalmem(),
    seeds: request.seeds,
    started: request.started.toISOString(),
    ended: null,
    exitCode: null,
  };
}

/** Writes the record; once at the start, and again with `end` when the run is over. @throws UserError("file") */
export function writeProvenance(
  folder: string,
  provenance: Provenance,
  end?: { readonly time: Date; readonly exitCode: number },
): void {
  const ending = end === undefined ? {} : { ended: end.time.toISOString(), exitCode: end.exitCode };
  writeJson(join(folder, RUN_FILES.provenance), { ...provenance, ...ending });
}

export function sha256(content: string | Uint8Array): string {
  return createHash("sha256").update(content).digest("hex");
}

/** Order of the directory listing does not matter; source maps do not count. */
export function hashFolder(folder: string): string {
  const hash = createHash("sha256");
  const files = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.(js|ts|wasm)$/.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
  for (const file of files) {
    hash.update(`${relative(folder, file).split(sep).join("/")}\0${sha256(readFileSync(file))}\n`);
  }
  return hash.digest("hex");
}

function gitState(folder: string): Provenance["git"] {
  const git = (...words: string[]): string =>
    execFileSync("git", words, {
      cwd: folder,
      encoding: "utf8",
      timeout: 2000,
      stdio: ["ignore", "pipe", "ignore"],
    }).trim();
  try {
    return { commit: git("rev-parse", "HEAD"), dirty: git("status", "--porcelain", "-uno") !== "" };
  } catch {
    return null;
  }
}
