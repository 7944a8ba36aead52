/**
 * Writes files whole or not at all: into a temporary file beside the target, flushed to disk, then renamed.
 * Whoever reads sees the old content or the new one; an interruption leaves no half-written file.
 */

import { closeSync, fsyncSync, openSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { fileError } from "./file-error.ts";

/** @throws UserError("file") when it cannot be written; the previous content is then untouched */
export function writeAtomic(path: string, content: string | Uint8Array): void {
  const temporary = join(dirname(path), `.${basename(path)}.${process.pid}.tmp`);
  let file: number;
  try {
    file = openSync(temporary, "w");
  } catch (cause) {
    throw fileError(path, cause);
  }
  try {
    try {
      writeFileSync(file, content);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    renameSync(temporary, path);
  } catch (cause) {
    rmSync(temporary, { force: true });
    throw fileError(path, cause);
  }
}

/** `value` as indented JSON with a final newline. */
export function writeJson(path: string, value: unknown): void {
  writeAtomic(path, `${JSON.stringify(value, null, 2)}\n`);
}
