/**
 * Files and folders that survive whatever ends the program. A file is written whole or not at all: into a temporary
 * file beside the target, flushed to the disk, then renamed; the folder is flushed after that, because a rename
 * lives in the folder. Readers see the old content or the new one, also after a power cut.
 */

import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { hostname } from "node:os";
import { basename, dirname, join } from "node:path";
import { fileReason, UserError } from "./errors.ts";

/**
 * @param content parts are written one after the other
 * @throws UserError("file") when it cannot be written; the previous content is then untouched
 */
export function writeAtomic(path: string, ...content: readonly (string | Uint8Array)[]): void {
  const temporary = temporaryPath(path);
  try {
    removeAbandoned(path);
    const file = openSync(temporary, "w");
    try {
      for (const part of content) writeFileSync(file, part);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    renameSync(temporary, path);
    syncFolder(dirname(path));
  } catch (cause) {
    discard(temporary);
    throw fileError(path, cause);
  }
}

/** `value` as indented JSON with a final newline. */
export function writeJson(path: string, value: unknown): void {
  writeAtomic(path, `${JSON.stringify(value, null, 2)}\n`);
}

/**
 * Creates a folder and those above it that are missing, one level after the other: the recursive form of Node's
 * mkdir never returns below folders like /proc, which exist but take no new ones.
 * @throws UserError("file")
 */
export function createFolder(folder: string): void {
  if (existsSync(folder)) return;
  const parent = dirname(folder);
  if (parent !== folder) createFolder(parent);
  try {
    mkdirSync(folder);
    syncFolder(parent);
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    // Somebody else was faster.
    if (code === "EEXIST") return;
    if (code !== "ENOENT") throw fileError(folder, cause);
    throw new UserError("file", `cannot create ${folder}: no folder can be made there`, { cause });
  }
}

/** Flushes the names in a folder to the disk, where the system can. */
export function syncFolder(folder: string): void {
  let handle: number | undefined;
  try {
    handle = openSync(folder, "r");
    fsyncSync(handle);
  } catch (cause) {
    // Windows opens no folders, and some network file systems do not flush them.
    if (!/^(EISDIR|EPERM|EACCES|EINVAL|ENOTSUP|EBADF)$/.test((cause as NodeJS.ErrnoException).code ?? ""))
      throw cause;
  } finally {
    if (handle !== undefined) closeSync(handle);
  }
}

/** Temporary files that killed processes left in a folder; whoever calls this is its only writer. */
export function removeTemporaries(folder: string): void {
  for (const name of readdirSync(folder)) if (TEMPORARY.test(name)) discard(join(folder, name));
}

const TEMPORARY = /^\..+\.\d+\.tmp$/;

/** Where the new content of `path`, a file, a folder or a link, stands until it is complete. */
export function temporaryPath(path: string): string {
  return join(dirname(path), `${temporaryStart(path)}${process.pid}.tmp`);
}

/** With the machine, because several of them may write to one folder of a network. */
function temporaryStart(path: string): string {
  return `.${basename(path)}.${hostname()}.`;
}

/** Removes what processes of this machine left beside `path` that were killed while they wrote it. */
export function removeAbandoned(path: string): void {
  const folder = dirname(path);
  const start = temporaryStart(path);
  for (const name of readdirSync(folder)) {
    const id = name.startsWith(start) ? /^(\d+)\.tmp$/.exec(name.slice(start.length))?.[1] : undefined;
    if (id !== undefined && !processRuns(Number(id))) discard(join(folder, name));
  }
}

/** Whether there is a process of this number on this machine. */
export function processRuns(id: number): boolean {
  try {
    process.kill(id, 0);
    return true;
  } catch (cause) {
    // EPERM: it runs, and belongs to somebody else.
    return (cause as NodeJS.ErrnoException).code !== "ESRCH";
  }
}

/** A failure here would hide the one that led here. */
function discard(path: string): void {
  try {
    rmSync(path, { recursive: true, force: true });
  } catch {
    // The disk takes no changes any more, which is what is already being reported.
  }
}

/** What `cause` of a file operation on `path` means for the user; errors that are not of the file system pass. */
export function fileError(path: string, cause: unknown): Error {
  const reason = fileReason(cause);
  if (reason === undefined) return cause as Error;
  const missing = (cause as NodeJS.ErrnoException).code === "ENOENT";
  const message = `cannot write ${path}: ${missing ? "its folder does not exist" : reason}`;
  return new UserError("file", message, { cause });
}
