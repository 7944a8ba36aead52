/** What is wrong at one path of an experiment, and how a list of such problems becomes an error with positions. */

import { type ErrorCode, type SourcePosition, UserError } from "../core/errors.ts";
import { type Mark, positionOf } from "./source.ts";
import { keyMark, type Node, type Path, valueMark } from "./tree.ts";

export interface Problem {
  readonly path: Path;
  /** Whether the key at `path` is to blame, or its value. */
  readonly at: "key" | "value";
  readonly message: string;
  readonly hint?: string;
}

/** Longer lists of problems are cut: a reader does not read more at once. */
const MAX_SHOWN = 5;

/** A problem with its position instead of its path. */
export interface PlacedProblem {
  readonly message: string;
  readonly where: SourcePosition;
  readonly hint?: string;
}

export function placed(problem: Problem, root: Node): PlacedProblem {
  const { message, hint } = problem;
  const where = positionOf(markOf(problem, root));
  return hint === undefined ? { message, where } : { message, where, hint };
}

function markOf({ path, at }: Problem, root: Node): Mark {
  return at === "key" ? keyMark(root, path) : valueMark(root, path);
}

/** One error for all problems, file by file, in the order of lines; `root` tells where each path was written. */
export function problemsError(code: ErrorCode, problems: readonly Problem[], root: Node): UserError {
  const marked = problems.map((problem) => ({ problem, mark: markOf(problem, root) }));
  marked.sort(({ mark: a }, { mark: b }) => {
    if (a.source.name !== b.source.name) return a.source.name < b.source.name ? -1 : 1;
    return a.start - b.start;
  });
  const [first, ...also] = marked.slice(0, MAX_SHOWN).map(({ problem }) => placed(problem, root));
  if (first === undefined) throw new Error("no problem to report");
  const rest = also.map(({ message, ...details }) => new UserError(code, message, details));
  if (problems.length > MAX_SHOWN) rest.push(new UserError(code, `and ${problems.length - MAX_SHOWN} more`));
  const { message, ...details } = first;
  return new UserError(code, message, { ...details, also: rest });
}
