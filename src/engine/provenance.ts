/**
 * provenance.json: what it takes to understand a run later: the commands that worked on it, the program, the machine,
 * the inputs, the times. Nothing of the environment is recorded: it may hold secrets.
 */

import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { arch, cpus, release, totalmem, type } from "node:os";
import { join, relative, sep } from "node:path";
import { softwareVersion } from "../calibration/store.ts";
import { packagePath } from "../core/package-folder.ts";
import { readSealed, sha256, writeSealed } from "../core/sealed-json.ts";
import { RUN_FILES } from "./run-folder.ts";
import type { NamedFile, Program } from "./run-identity.ts";

/** One call of the program that worked on the run. */
export interface ProgramCall {
  /** Command line after the program's name. */
  readonly command: readonly string[];
  readonly workingFolder: string;
  readonly version: string;
  /** SHA-256 of names and contents of the program's .js and .wasm files. */
  readonly programHash: string;
  /** Repository of the working folder; null outside of one. */
  readonly git: { readonly commit: string; readonly dirty: boolean } | null;
  readonly node: string;
  readonly v8: string;
  readonly system: string;
  readonly processor: { readonly model: string; readonly count: number };
  readonly memoryBytes: number;
  readonly started: string;
  /** Both null while the call works, and when it was killed. */
  readonly ended: string | null;
  readonly exitCode: number | null;
}

/** The call that began the run, what it began with, and the calls that went on with it. */
export interface Provenance extends ProgramCall {
  /** SHA-256 of the resolved experiment, as written to the run folder. */
  readonly experimentHash: string;
  /** Files that the experiment names, when the run began. */
  readonly files: readonly NamedFile[];
  readonly seeds: Readonly<Record<string, number | null>>;
  /** The run whose weights this one began with; null for weights drawn by the seed. */
  readonly parent: ParentRun | null;
  readonly resumed: readonly ProgramCall[];
}

/** A run as the source of another one's first weights. */
export interface ParentRun {
  readonly folder: string;
  /** SHA-256 of its weights.json and of its config.yaml. */
  readonly weights: string;
  readonly experiment: string;
}

export interface CallRequest {
  readonly command: readonly string[];
  readonly workingFolder: string;
  readonly program: Program;
  readonly started: Date;
}

/** Collected when a call begins to work; `ended` and `exitCode` are still null. */
export function describeCall({ command, workingFolder, program, started }: CallRequest): ProgramCall {
  const processors = cpus();
  return {
    command,
    workingFolder,
    version: program.version,
    programHash: program.hash,
    git: gitState(workingFolder),
    node: process.versions.node,
    v8: process.versions.v8,
    system: `${type()} ${release()} ${arch()}`,
    processor: { model: processors[0]?.model ?? "unknown", count: processors.length },
    memoryBytes: totalmem(),
    started: started.toISOString(),
    ended: null,
    exitCode: null,
  };
}

/** @throws UserError("file") */
export function writeProvenance(folder: string, provenance: Provenance): void {
  writeSealed(join(folder, RUN_FILES.provenance), { ...provenance });
}

/** @throws UserError("file") when it is missing or was changed */
export function readProvenance(folder: string): Provenance {
  return readSealed(join(folder, RUN_FILES.provenance)) as unknown as Provenance;
}

/** The record with the end of the call that works on the run now. */
export function withEnd(provenance: Provenance, ended: Date, exitCode: number): Provenance {
  const end = { ended: ended.toISOString(), exitCode };
  const last = provenance.resumed.at(-1);
  if (last === undefined) return { ...provenance, ...end };
  return { ...provenance, resumed: [...provenance.resumed.slice(0, -1), { ...last, ...end }] };
}

/** This program. */
export function thisProgram(): Program {
  return { version: softwareVersion(), hash: hashFolder(packagePath("dist")) };
}

/** Order of the directory listing does not matter; source maps do not count. */
export function hashFolder(folder: string): string {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.(js|ts|wasm)$/.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
  const lines = files.map((file) => {
    const name = relative(folder, file).split(sep).join("/");
    return `${name}\0${sha256(readFileSync(file))}\n`;
  });
  return sha256(lines.join(""));
}

/**
 * Settings under which git only reads: a repository may name programs of its own for watching files, hooks, filters
 * of content and the transport of missing objects, and none of them may run because somebody trains in its folder.
 */
const ONLY_READ = {
  "core.fsmonitor": "false",
  "core.hooksPath": "/dev/null",
  "core.untrackedCache": "false",
  "protocol.allow": "never",
} as const;

function gitState(folder: string): ProgramCall["git"] {
  const git = (settings: Readonly<Record<string, string>>, ...words: string[]): string => {
    const pairs = Object.entries(settings).flatMap(([key, value], i) => [
      [`GIT_CONFIG_KEY_${i}`, key],
      [`GIT_CONFIG_VALUE_${i}`, value],
    ]);
    return execFileSync("git", ["--no-optional-locks", ...words], {
      cwd: folder,
      encoding: "utf8",
      timeout: 2000,
      stdio: ["ignore", "pipe", "ignore"],
      env: {
        ...process.env,
        ...Object.fromEntries(pairs),
        GIT_CONFIG_COUNT: String(pairs.length / 2),
        GIT_NO_LAZY_FETCH: "1",
      },
    });
  };
  try {
    const commit = git(ONLY_READ, "rev-parse", "HEAD").trim();
    const settings = {
      ...ONLY_READ,
      ...withoutFilters(git(ONLY_READ, "config", "--null", "--show-scope", "--list")),
    };
    const changes = git(settings, "status", "--porcelain", "-uno", "--ignore-submodules=all");
    return { commit, dirty: changes.trim() !== "" };
  } catch {
    return null;
  }
}

/**
 * Settings that switch off the filters that a repository defines; those of the user are the user's own choice.
 * @param listed `scope\0key\nvalue\0` of all settings
 */
function withoutFilters(listed: string): Record<string, string> {
  const parts = listed.split("\0");
  const settings: Record<string, string> = {};
  for (let i = 0; i + 1 < parts.length; i += 2) {
    const key = parts[i + 1]!.split("\n")[0]!;
    const name = /^filter\.(.+)\.\w+$/s.exec(key)?.[1];
    if (name === undefined || !/^(local|worktree)$/.test(parts[i]!)) continue;
    for (const kind of ["clean", "process", "smudge"]) settings[`filter.${name}.${kind}`] = "";
    settings[`filter.${name}.required`] = "false";
  }
  return settings;
}
