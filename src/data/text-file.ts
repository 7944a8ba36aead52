/** Reads a text file that a user named; every way in which that can fail becomes a message about that file. */

import { readFileSync } from "node:fs";
import { UserError } from "../core/errors.ts";

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: "there is no such file",
  EISDIR: "it is a folder, a file is expected",
  ENOTDIR: "part of its path is not a folder",
  EACCES: "it may not be read",
};

/** @throws UserError("input-file") when the file cannot be read or is not UTF-8 text */
export function readTextFile(path: string): string {
  let bytes: Uint8Array;
  try {
    bytes = readFileSync(path);
  } catch (cause) {
    const reason = REASONS[(cause as NodeJS.ErrnoException).code ?? ""] ?? (cause as Error).message;
    throw new UserError("input-file", `cannot read ${path}: ${reason}`, { cause });
  }
  try {
    const text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    if (!text.includes("\0")) return text;
  } catch {
    // falls through to the one message for both kinds of binary content
  }
  throw new UserError("input-file", `${path} is a binary file, text in UTF-8 is expected`);
}
