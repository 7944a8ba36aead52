/** The experiments that come with this program: found by name from any folder, and copied by `eventprop init`. */

import { existsSync, readdirSync, readFileSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { packagePath } from "../core/package-folder.ts";

/** In the package, whether it is a clone or installed. */
const FOLDER = packagePath("experiments");
const NAME = /^[A-Za-z0-9][A-Za-z0-9-]*$/;

export interface ShippedExperiment {
  readonly name: string;
  readonly path: string;
  /** The first sentence of its comment. */
  readonly summary: string;
}

/** In alphabetical order. */
export function shippedExperiments(): ShippedExperiment[] {
  return readdirSync(FOLDER)
    .filter((file) => file.endsWith(".yaml"))
    .sort()
    .map((file) => {
      const path = join(FOLDER, file);
      return { name: file.replace(/\.yaml$/, ""), path, summary: firstSentence(readFileSync(path, "utf8")) };
    });
}

function firstSentence(text: string): string {
  const comment = [];
  for (const line of text.split("\n")) {
    if (!line.startsWith("#") || line.startsWith("# yaml-language-server")) {
      if (comment.length > 0) break;
      continue;
    }
    comment.push(line.slice(1).trim());
  }
  return /^(.{25,}?)[.:,](?:\s|$)/.exec(comment.join(" ").trim())?.[1] ?? "";
}

/**
 * The absolute path of the file that a user named: in `folder` as it is, else the shipped experiment of that name. A
 * file of one's own comes before a shipped one.
 */
export function experimentPath(file: string, folder: string): string {
  const path = resolve(folder, file);
  if (!NAME.test(file) || existsSync(path)) return path;
  const shipped = join(FOLDER, `${file}.yaml`);
  return existsSync(shipped) ? shipped : path;
}

/** Names of the shipped experiments, for hints. */
export function shippedNames(): string[] {
  return readdirSync(FOLDER)
    .filter((file) => file.endsWith(".yaml"))
    .map((file) => file.replace(/\.yaml$/, ""))
    .sort();
}

/** The files that make up an experiment, itself first: its bases and its data lie beside it. */
export function withBases(path: string): string[] {
  const found: string[] = [];
  const visit = (file: string): void => {
    if (found.includes(file)) return;
    found.push(file);
    if (!file.endsWith(".yaml")) return;
    const named = /^(?:extends|base): *([\w.-]+\.yaml)|^data:.*\bpath: *([\w.-]+)/gm;
    for (const [, base, data] of readFileSync(file, "utf8").matchAll(named))
      visit(join(dirname(file), basename((base ?? data)!)));
  };
  visit(path);
  return found;
}
