/**
 * Where a command writes: results on stdout, talk on stderr, color only where a person looks.
 *
 * Rules of color are those of Node's `util.styleText`: off in pipes, with NO_COLOR and with TERM=dumb. Control
 * characters in what is written do not reach the terminal: only styles of this module do.
 */

import { styleText } from "node:util";
import type { SourcePosition, UserError } from "../core/errors.ts";
import { harmless, writeResult, writeTalk } from "./output.ts";

export type Style = "bold" | "dim" | "red" | "green" | "yellow" | "cyan";

export interface Terminal {
  /** A line of the result, on stdout. */
  result(line: string): void;
  /** A line for the person in front, on stderr; nothing with --quiet. */
  say(line: string): void;
  /** A line on stderr for a person who asked for more, with --verbose. */
  detail(line: string): void;
  /** A warning on stderr; also with --quiet. */
  warn(message: string, where?: SourcePosition, hint?: string): void;
  /** An error with its frames on stderr. */
  error(error: UserError): void;
  /** `text` in a style where stderr shows styles. */
  style(style: Style, text: string): string;
  readonly quiet: boolean;
  readonly verbose: boolean;
  /** Whether progress may be shown at all, and whether as one line that is rewritten. */
  readonly progress: "line" | "plain" | "none";
}

export interface TerminalOptions {
  readonly quiet: boolean;
  readonly verbose?: boolean;
  readonly progress: boolean;
}

/** The longest part of a source line that is shown; more is cut around the position. */
const FRAME_WIDTH = 100;

export function createTerminal(options: TerminalOptions): Terminal {
  const style = (name: Style, text: string): string => styleText(name, text, { stream: process.stderr });
  const talk = (line: string): void => writeTalk(`${line}\n`);
  const animated = process.stderr.isTTY === true && process.env["TERM"] !== "dumb";
  return {
    result: (line) => writeResult(`${harmless(line)}\n`),
    say: (line) => {
      if (!options.quiet) talk(harmless(line));
    },
    detail: (line) => {
      if (options.verbose === true) talk(harmless(line));
    },
    warn: (message, where, hint) => talk(complaint(style, "yellow", "warning", message, where, hint)),
    error: (error) => {
      for (const one of [error, ...error.also]) {
        talk(complaint(style, "red", "error", one.message, one.where, one.hint));
      }
    },
    style,
    quiet: options.quiet,
    verbose: options.verbose === true,
    progress: options.quiet || !options.progress ? "none" : animated ? "line" : "plain",
  };
}

/**
 * file:line:column: error: message
 *   12 | the offending line
 *      |     ^^^^^
 *   hint: what to do
 */
function complaint(
  style: Terminal["style"],
  color: Style,
  label: string,
  message: string,
  where: SourcePosition | undefined,
  hint: string | undefined,
): string {
  const place = where === undefined ? "" : `${harmless(placeName(where))}: `;
  const lines = [`${style("bold", place)}${style(color, `${label}:`)} ${harmless(message)}`];
  if (where?.text !== undefined)
    lines.push(...frame(where.line, where.column, where.text, where.length ?? 1));
  if (hint !== undefined) lines.push(`  ${style("cyan", "hint:")} ${harmless(hint)}`);
  return lines.join("\n");
}

/** A flag of the command line is one line long and has no other place in it. */
function placeName({ file, line, column }: SourcePosition): string {
  return file.startsWith("--") ? file : `${file}:${line}:${column}`;
}

/** The line with a caret under the position; control characters are shown as a replacement. */
function frame(line: number, column: number, text: string, length: number): string[] {
  const number = String(line).padStart(4);
  const start = column <= FRAME_WIDTH - 20 ? 0 : column - 20;
  const shown = text.slice(start, start + FRAME_WIDTH);
  const before = start > 0 ? "…" : "";
  const after = start + FRAME_WIDTH < text.length ? "…" : "";
  // Tabs stay tabs in the line and above the caret, so that both shift alike.
  const visible = shown.replace(/[^\P{Cc}\t]/gu, "\uFFFD");
  const gap = visible.slice(0, column - 1 - start).replace(/[^\t]/gu, " ");
  const room = Math.max(1, visible.length - gap.length);
  const caret = "^".repeat(Math.max(1, Math.min(length, room)));
  return [`${number} | ${before}${visible}${after}`, `     | ${before === "" ? "" : " "}${gap}${caret}`];
}

/**
 * Columns aligned with two spaces between; numbers to the right when `alignRight` names the column.
 * The first row is the header. No trailing blanks.
 */
export function table(rows: readonly (readonly string[])[], alignRight: readonly number[] = []): string[] {
  const widths: number[] = [];
  for (const row of rows) {
    row.forEach((cell, column) => {
      widths[column] = Math.max(widths[column] ?? 0, cell.length);
    });
  }
  const right = new Set(alignRight);
  return rows.map((row) =>
    row
      .map((cell, column) => {
        const width = widths[column]!;
        return right.has(column) ? cell.padStart(width) : cell.padEnd(width);
      })
      .join("  ")
      .trimEnd(),
  );
}
