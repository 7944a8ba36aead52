/** What is wrong at one path of an experiment, and how a list of such problems becomes an error with positions. */

import { type ErrorCode, type SourcePosition, UserError } from "../core/errors.ts";
import { positionOf } from "./source.ts";
import { keyMark, type Node, type Path, valueMark } from "./tree.ts";

export interface Problem {
  readonly path: Path;
  /** Whether the key at `path` is to blame, or its value. */
  readonly at: "key" | "value";
  readonly message: string;
  readonly hint?: string;
}

/** More than this at once nobody reads. */
const MAX_SHOWN = 5;

/** A problem with its position instead of its path. */
export interface PlacedProblem {
  readonly message: string;
  readonly where: SourcePosition;
  readonly hint?: string;
}

export function placed({ path, at, message, hint }: Problem, root: Node): PlacedProblem {
  const where = positionOf(at === "key" ? keyMark(root, path) : valueMark(root, path));
  return hint === undefined ? { message, where } : { message, where, hint };
}

/** One error for all problems, file by file, in the order of lines; `root` tells where each path was written. */
export function problemsError(code: ErrorCode, problems: readonly Problem[], root: Node): UserError {
  const errors = problems.map((problem) => placed(problem, root));
  errors.sort(({ where: a }, { where: b }) => {
    if (a.file !== b.file) return a.file < b.file ? -1 : 1;
    return a.line - b.line || a.column - b.column;
  });
  const shown = errors.slice(0, MAX_SHOWN);
  const [first, ...also] = shown;
  if (first === undefined) throw new Error("no problem to report");
  const rest = also.map(({ message, ...details }) => new UserError(code, message, details));
  if (errors.length > MAX_SHOWN) rest.push(new UserError(code, `and ${errors.length - MAX_SHOWN} more`));
  const { message, ...details } = first;
  return new UserError(code, message, { ...details, also: rest });
}
