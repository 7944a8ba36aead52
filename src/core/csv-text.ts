/**
 * Comma-separated text → header and rows that remember their line, so that every complaint can point at it.
 * Serves input files (data tables, events) and knows nothing of what the columns mean.
 *
 * Accepted: RFC 4180 without line breaks inside quotes; LF or CRLF; a byte order mark; blank lines are skipped.
 */

import { UserError, type UserErrorDetails } from "./errors.ts";

export interface CsvRow {
  /** Line in the file, counted from 1; the header has one too, as in a spreadsheet. */
  readonly line: number;
  readonly text: string;
  readonly cells: readonly string[];
}

export interface CsvTable {
  readonly file: string;
  readonly header: readonly string[];
  readonly rows: readonly CsvRow[];
}

const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/;

/**
 * Splits `text` into cells. `file` is only named in errors.
 * @throws UserError("input-file") when there is no header, a name is empty or doubled, a quote is open, or a
 * row has another number of cells than the header.
 */
export function parseCsv(text: string, file: string): CsvTable {
  const lines = text.replace(/^\uFEFF/, "").split(/\r\n|\n|\r/);
  const rows: CsvRow[] = [];
  lines.forEach((lineText, i) => {
    if (lineText.trim() === "") return;
    rows.push({ line: i + 1, text: lineText, cells: splitLine(lineText, i + 1, file) });
  });
  const first = rows.shift();
  if (first === undefined) {
    throw new UserError("input-file", `${file} is empty`, { hint: "the first row names the columns" });
  }
  const header = first.cells;
  header.forEach((name, column) => {
    if (name === "") throw at(file, first, column, `row ${first.line}: column ${column + 1} has no name`);
    if (header.indexOf(name) < column) {
      throw at(file, first, column, `row ${first.line}: column "${name}" appears twice`);
    }
  });
  for (const row of rows) {
    if (row.cells.length !== header.length) {
      const problem = `row ${row.line}: ${row.cells.length} cells where the header has ${header.length}`;
      throw at(file, row, Math.min(row.cells.length, header.length) - 1, problem);
    }
  }
  return { file, header, rows };
}

/** A complaint about one cell: names row and column and points at the text. */
export function cellError(table: CsvTable, row: CsvRow, column: number, problem: string, hint?: string) {
  return at(table.file, row, column, `row ${row.line}, column ${table.header[column]}: ${problem}`, hint);
}

/** The finite number in a cell. @throws UserError("input-file") with row and column */
export function numberCell(table: CsvTable, row: CsvRow, column: number): number {
  const text = row.cells[column] as string;
  if (text === "") throw cellError(table, row, column, "is empty, a number is expected");
  const value = NUMBER.test(text) ? Number(text) : Number.NaN;
  if (!Number.isFinite(value)) throw cellError(table, row, column, `"${text}" is not a finite number`);
  return value;
}

function splitLine(text: string, line: number, file: string): string[] {
  if (!text.includes('"')) return text.split(",").map((cell) => cell.trim());
  const cells: string[] = [];
  const cell = /\s*(?:"((?:[^"]|"")*)"\s*|([^",]*))(,|$)/y;
  for (;;) {
    const start = cell.lastIndex;
    const match = cell.exec(text);
    if (match === null) {
      const where = { file, line, column: start + 1, text };
      throw new UserError("input-file", `row ${line}: a quote is not closed or stands inside a cell`, {
        where,
      });
    }
    cells.push(match[1] === undefined ? (match[2] as string).trim() : match[1].replaceAll('""', '"'));
    if (match[3] === "") return cells;
  }
}

function at(file: string, row: CsvRow, column: number, message: string, hint?: string): UserError {
  const where = { file, line: row.line, column: columnStart(row.text, column), text: row.text };
  const details: UserErrorDetails = hint === undefined ? { where } : { where, hint };
  return new UserError("input-file", message, details);
}

/** Position of a cell's first character, counted from 1; 1 when quotes make it uncertain. */
function columnStart(text: string, column: number): number {
  if (text.includes('"')) return 1;
  const before = text.split(",").slice(0, Math.max(column, 0));
  return before.reduce((sum, cell) => sum + cell.length + 1, 1);
}
