/**
 * A piece of text that values of an experiment come from, a file or one `--set`, and positions in it.
 */

import { dirname } from "node:path";
import type { SourcePosition } from "../core/errors.ts";

export interface Source {
  /** As shown to people: a path as they gave it, or `--set #2`. */
  readonly name: string;
  readonly text: string;
  /** Absolute folder against which paths in this text are resolved. */
  readonly folder: string;
}

/** Characters `start` … `end`−1 of a source. */
export interface Mark {
  readonly source: Source;
  readonly start: number;
  readonly end: number;
}

/** @param path absolute; @param name as shown */
export function fileSource(path: string, name: string, text: string): Source {
  return { name, text, folder: dirname(path) };
}

/** Line and column (from 1) of a mark, with its line; the mark's length ends with the line. */
export function positionOf({ source, start, end }: Mark): SourcePosition {
  const { text, name: file } = source;
  const at = Math.min(start, text.length);
  const lineStart = text.lastIndexOf("\n", at - 1) + 1;
  const newline = text.indexOf("\n", at);
  const lineEnd = newline < 0 ? text.length : newline;
  const line = countLines(text, lineStart);
  const length = Math.max(1, Math.min(end, lineEnd) - at);
  const shown = text.slice(lineStart, lineEnd).replace(/\r$/, "");
  return { file, line, column: at - lineStart + 1, text: shown, length };
}

function countLines(text: string, end: number): number {
  let lines = 1;
  for (let i = text.indexOf("\n"); i >= 0 && i < end; i = text.indexOf("\n", i + 1)) lines++;
  return lines;
}
