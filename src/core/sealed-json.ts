/**
 * JSON files that know their own content: the first entry is the SHA-256 of the rest of the text, so every byte that
 * changed after the file was written is found when it is read.
 */

import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { writeAtomic } from "./durable-files.ts";
import { fileReason, UserError } from "./errors.ts";

const HEAD = /^\{\n {2}"digest": "([0-9a-f]{64})",\n/;

/** SHA-256 of a text in UTF-8, or of bytes, as 64 hexadecimal digits. */
export function sha256(content: string | Uint8Array): string {
  return createHash("sha256").update(content).digest("hex");
}

/** @throws UserError("file") */
export function writeSealed(path: string, value: Readonly<Record<string, unknown>>): void {
  const rest = `${JSON.stringify(value, null, 2).slice(2)}\n`;
  writeAtomic(path, `{\n  "digest": "${sha256(rest)}",\n${rest}`);
}

/**
 * The value without its digest.
 * @throws UserError("file") when the file is missing or was changed
 */
export function readSealed(path: string): Readonly<Record<string, unknown>> {
  let bytes: Uint8Array;
  try {
    bytes = readFileSync(path);
  } catch (cause) {
    throw new UserError("file", `cannot read ${path}: ${fileReason(cause) ?? String(cause)}`, { cause });
  }
  const text = new TextDecoder("utf-8").decode(bytes);
  const head = HEAD.exec(text);
  const rest = text.slice(head?.[0].length ?? 0);
  // Of the bytes, not of the text: decoding makes different broken bytes equal.
  if (head === null || sha256(bytes.subarray(head[0].length)) !== head[1])
    throw new UserError("file", `${path} was changed after it was written: its digest does not match`, {
      hint: "restore it from a copy",
    });
  return JSON.parse(`{${rest}`) as Readonly<Record<string, unknown>>;
}
