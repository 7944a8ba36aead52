/**
 * Merged tree → resolved values: checked against the schema, defaults filled in, units converted, file names
 * made absolute. Two forms leave: as a file would say it, and as the program computes with it.
 */

import { resolve } from "node:path";
import { parseTime } from "../core/units.ts";
import { type Problem, problemsError } from "./problem.ts";
import { find, type MapNode, type Node, type Path, plainValue, valueMark, withoutAll } from "./tree.ts";
import type { Checked, Validator } from "./validate.ts";

export interface ResolvedConfig {
  /** The tree without inherited options that the chosen `kind` does not have. */
  readonly root: Node;
  /** Times with their unit. */
  readonly resolved: Record<string, unknown>;
  /** Times in µs. */
  readonly values: Record<string, unknown>;
  /** Where the values are names of files. */
  readonly files: readonly Path[];
}

/**
 * @param absent values of keys that are absent and have no default in the schema
 * @throws UserError("experiment-schema")
 */
export function resolveConfig(
  merged: MapNode,
  validate: Validator,
  absent: Readonly<Record<string, unknown>> = {},
): ResolvedConfig {
  let root: Node = merged;
  for (;;) {
    const resolved = { ...absent, ...(plainValue(root) as Record<string, unknown>) };
    const checked = validate(resolved);
    const foreign = checked.problems.filter((problem) => isForeign(root, problem));
    if (foreign.length > 0) {
      root = withoutAll(
        root,
        foreign.map(({ path }) => path),
      );
      continue;
    }
    if (checked.problems.length > 0) throw problemsError("experiment-schema", checked.problems, root);
    for (const path of checked.files) {
      const { folder } = valueMark(root, path).source;
      replaceAt(resolved, path, (file) => resolve(folder, file));
    }
    return { root, resolved, values: inMicroseconds(resolved, checked), files: checked.files };
  }
}

/** An option that was inherited for another `kind`, and means nothing to the one that is chosen now. */
function isForeign(root: Node, problem: Problem): boolean {
  return problem.at === "key" && find(root, problem.path)?.entry?.inherited === true;
}

function inMicroseconds(resolved: Record<string, unknown>, checked: Checked): Record<string, unknown> {
  const values = structuredClone(resolved);
  for (const path of checked.times) replaceAt(values, path, (text) => parseTime(text));
  return values;
}

function replaceAt(root: Record<string, unknown>, path: Path, change: (text: string) => unknown): void {
  let container = root;
  for (const part of path.slice(0, -1)) container = container[part] as Record<string, unknown>;
  const last = path.at(-1) as string;
  container[last] = change(container[last] as string);
}
