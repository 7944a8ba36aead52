/**
 * `extends: base.yaml`, or a list of files: their values are taken first, in order, then this file's on top.
 * Maps are merged key by key, lists and single values are replaced. Paths are relative to the file.
 */

import { relative, resolve } from "node:path";
import { UserError } from "../core/errors.ts";
import { parseYaml, syntaxError } from "./parse.ts";
import type { PlacedProblem } from "./problem.ts";
import { readExperimentText } from "./read-text.ts";
import { withCurrentNames } from "./renamed.ts";
import { fileSource, positionOf, type Source } from "./source.ts";
import { type MapNode, merge, type Node, type ScalarNode } from "./tree.ts";

const KEY = "extends";
/** A base that is reached twice counts twice: bases of bases multiply. */
const MAX_FILES = 64;

export interface ExtendedFile {
  readonly root: MapNode;
  readonly source: Source;
  /** What a reader should know although nothing is wrong: old names of keys. */
  readonly notes: readonly PlacedProblem[];
}

/** What one call of `readExtended` keeps over all files. */
interface Reading {
  readonly first: string;
  files: number;
  readonly notes: PlacedProblem[];
}

/**
 * The file with all that it extends merged in; the key `extends` is gone.
 * @param path absolute; @param name as shown to people
 * @throws UserError("experiment-syntax")
 */
export function readExtended(path: string, name: string): ExtendedFile {
  const reading: Reading = { first: name, files: 0, notes: [] };
  return { ...readFile(path, name, [], reading), notes: reading.notes };
}

function readFile(
  path: string,
  name: string,
  open: readonly string[],
  reading: Reading,
  named?: ScalarNode,
): { readonly root: MapNode; readonly source: Source } {
  const details = named === undefined ? {} : { where: positionOf(named.mark) };
  if (++reading.files > MAX_FILES) {
    const hint = "write what is needed into fewer files";
    const message = `${reading.first} extends more than ${MAX_FILES} files, bases of bases among them`;
    throw new UserError("experiment-syntax", message, { ...details, hint });
  }
  if (open.includes(path)) {
    const chain = [...open.slice(open.indexOf(path)), path].map(shortName).join(" → ");
    throw new UserError("experiment-syntax", `files extend each other in a circle: ${chain}`, details);
  }
  const source = fileSource(path, name, readExperimentText(path, name, details));
  const root = withCurrentNames(parseYaml(source), (note) => reading.notes.push(note));
  if (root.kind !== "map") {
    throw syntaxError("an experiment is a map of keys and values", root.mark, "e.g. `name: my-experiment`");
  }
  const entry = root.entries.get(KEY);
  if (entry === undefined) return { root, source };
  const entries = new Map(root.entries);
  entries.delete(KEY);
  let merged: Node | undefined;
  for (const base of basesOf(entry.node)) {
    const basePath = resolve(source.folder, String(base.value));
    const below = nameless(readFile(basePath, shortName(basePath), [...open, path], reading, base).root);
    merged = merged === undefined ? below : merge(merged, below);
  }
  const own: MapNode = { ...root, entries };
  return { root: (merged === undefined ? own : merge(merged, own)) as MapNode, source };
}

/** A name belongs to one file: what extends it is called by its own name, or as its own file. */
function nameless(base: MapNode): MapNode {
  const entries = new Map(base.entries);
  entries.delete("name");
  return { ...base, entries };
}

function basesOf(node: Node): ScalarNode[] {
  const items = node.kind === "list" ? node.items : [node];
  return items.map((item) => {
    if (item.kind === "scalar" && typeof item.value === "string" && item.value !== "") return item;
    throw syntaxError(
      "`extends` takes a file or a list of files",
      item.mark,
      "e.g. `extends: yin-yang.yaml`",
    );
  });
}

/** Relative to the working directory where that is shorter to read. */
function shortName(path: string): string {
  const short = relative(process.cwd(), path);
  return short.startsWith("..") || short === "" ? path : short;
}
