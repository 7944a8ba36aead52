/**
 * Reads the text of an experiment file. Whatever is not a short text file becomes a message before YAML sees it.
 */

import { readdirSync, readFileSync, statSync } from "node:fs";
import { basename, dirname } from "node:path";
import { PROGRAM } from "../core/command-line.ts";
import { UserError, type UserErrorDetails } from "../core/errors.ts";
import { suggest } from "../core/suggest.ts";
import { shippedNames } from "./shipped.ts";

/** Experiments have a few kilobytes; beyond this somebody named the wrong file. */
const MAX_BYTES = 256 * 1024;

/**
 * @param path absolute; @param name as shown to people
 * @param details where the file was named, when a file named it
 * @throws UserError("experiment-syntax")
 */
export function readExperimentText(path: string, name: string, details: UserErrorDetails = {}): string {
  const refuse: Refuse = (problem, hint) => {
    throw new UserError("experiment-syntax", `${name}: ${problem}`, { hint, ...details });
  };
  const bytes = readBytes(path, refuse);
  if (bytes.length > MAX_BYTES)
    refuse(`is larger than ${MAX_BYTES / 1024} KiB`, "is this an experiment file?");
  const text = decode(bytes) ?? refuse("is not a text file", "experiments are YAML in UTF-8");
  if (text.trim() === "") {
    refuse("is empty", `start from a copy: \`${PROGRAM} init smoke\``);
  }
  return text;
}

type Refuse = (problem: string, hint: string) => never;

function readBytes(path: string, refuse: Refuse): Uint8Array {
  try {
    const status = statSync(path);
    if (status.isDirectory())
      return refuse("is a folder", "name an experiment file, e.g. experiments/smoke.yaml");
    if (!status.isFile())
      return refuse("is not a regular file", "write it to a file first; a pipe or device may never end");
    if (status.size > MAX_BYTES) return new Uint8Array(MAX_BYTES + 1);
    return readFileSync(path);
  } catch (cause) {
    if (cause instanceof UserError) throw cause;
    const code = (cause as NodeJS.ErrnoException).code;
    if (code === "ENOENT" || code === "ENOTDIR") return refuse("there is no such file", neighbors(path));
    if (code === "EACCES" || code === "EPERM") return refuse("may not be read", "check its permissions");
    return refuse("cannot be read", (cause as Error).message);
  }
}

/** The file that was probably meant, or what there is. */
function neighbors(path: string): string {
  let files: string[] = [];
  try {
    files = readdirSync(dirname(path)).filter((file) => /\.ya?ml$/i.test(file));
  } catch {
    const name = basename(path).replace(/\.ya?ml$/i, "");
    if (shippedNames().includes(name)) return `did you mean the shipped experiment, \`${name}\` alone?`;
    return "check the path; its folder does not exist either";
  }
  const meant =
    suggest(basename(path), files) ?? suggest(basename(path).replace(/\.ya?ml$/i, ""), shippedNames());
  if (meant !== undefined) return `did you mean \`${meant}\`?`;
  return files.length === 0
    ? "its folder has no YAML files"
    : `its folder has: ${files.slice(0, 8).join(", ")}`;
}

/** UTF-8 text without its byte order mark; undefined when the bytes are something else. */
function decode(bytes: Uint8Array): string | undefined {
  try {
    const text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what tells binary content from text
    return /[\u0000-\u0008\u000e-\u001a\u001c-\u001f]/.test(text) ? undefined : text;
  } catch {
    return undefined;
  }
}
