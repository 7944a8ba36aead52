/**
 * Reads a file that a user named; every way in which that can fail becomes a message about that file. Only regular
 * files are read: a pipe may never end, and a device never does.
 */

import { accessSync, constants, existsSync, readFileSync, statSync } from "node:fs";
import { UserError } from "../core/errors.ts";

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: "there is no such file",
  EISDIR: "it is a folder, a file is expected",
  ENOTDIR: "part of its path is not a folder",
  EACCES: "it may not be read",
  ELOOP: "its links lead in a circle",
  ENAMETOOLONG: "its name is too long",
};

/** Texts and arrays are held in memory several times over; beyond this they would not fit. */
const MAX_TEXT = 256 * 2 ** 20;
const MAX_BYTES = 1024 * 2 ** 20;

/** @throws UserError("input-file") when the file cannot be read or is larger than `limit` */
export function readBytes(path: string, limit = MAX_BYTES): Uint8Array {
  checkReadable(path, limit);
  return attempt(path, () => readFileSync(path));
}

/**
 * For files that others read.
 * @throws UserError("input-file") when it is not a regular file, or larger than `limit`
 */
export function checkReadable(path: string, limit = Number.POSITIVE_INFINITY): void {
  attempt(path, () => {
    const status = statSync(path);
    if (status.isDirectory()) throw refusal(path, REASONS["EISDIR"] as string);
    if (!status.isFile())
      throw refusal(path, "it is not a regular file", "write what it gives into a file and name that");
    if (status.size > limit) {
      const size = `${(status.size / 2 ** 20).toFixed(0)} MiB`;
      throw refusal(path, `it has ${size}, at most ${limit / 2 ** 20} MiB are read`, "use a part of it");
    }
    accessSync(path, constants.R_OK);
  });
}

function attempt<T>(path: string, read: () => T): T {
  try {
    return read();
  } catch (cause) {
    if (cause instanceof UserError) throw cause;
    const reason = REASONS[(cause as NodeJS.ErrnoException).code ?? ""] ?? (cause as Error).message;
    throw refusal(path, reason, undefined, cause);
  }
}

/** @throws UserError("input-file") when the file cannot be read or is not UTF-8 text */
export function readTextFile(path: string): string {
  const bytes = readBytes(path, MAX_TEXT);
  try {
    const text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    if (!text.includes("\0")) return text;
  } catch {
    // falls through to the one message for both kinds of binary content
  }
  throw new UserError("input-file", `${path} is a binary file, text in UTF-8 is expected`);
}

function refusal(path: string, reason: string, hint?: string, cause?: unknown): UserError {
  return new UserError("input-file", `cannot read ${path}: ${reason}`, {
    cause,
    ...(hint === undefined ? {} : { hint }),
  });
}

/** The first of `paths` that exists. @throws UserError("input-file") naming the first one when none does */
export function readFirst(paths: readonly string[]): { readonly file: string; readonly bytes: Uint8Array } {
  const file = paths.find((path) => existsSync(path)) ?? (paths[0] as string);
  return { file, bytes: readBytes(file) };
}
