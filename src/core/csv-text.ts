/**
 * Comma-separated text → header and rows that remember their line, so that every complaint can point at it.
 * Serves input files (data tables, events) and knows nothing of what the columns mean.
 *
 * Accepted: RFC 4180 without line breaks inside quotes; LF or CRLF; a byte order mark; blank lines are skipped;
 * semicolons or tabs instead of commas, and then a decimal comma, both recognized or given.
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
  readonly separator: string;
  readonly decimal: Decimal;
}

export const SEPARATORS = { comma: ",", semicolon: ";", tab: "\t" } as const;
type Decimal = "point" | "comma";

export interface CsvForm {
  /** Recognized by the first row when absent: a tab, else a semicolon, else a comma. */
  readonly separator?: keyof typeof SEPARATORS;
  /** Recognized when absent: a comma where cells are numbers with a comma, in tables that are not separated by it. */
  readonly decimal?: Decimal;
  /** False: the first row is data already, and columns are called c1, c2, … */
  readonly header?: boolean;
}

const NUMBER = /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?$/;
const NUMBER_WITH_COMMA = /^[+-]?\d*,\d+(?:[eE][+-]?\d+)?$/;
/** More complain than help. */
const MAX_COLUMNS = 10_000;
/** Rows and cells are objects: more do not fit into the memory that Node has by default. */
const MAX_LINES = 2 ** 22;
const MAX_CELLS = 2 ** 25;

/**
 * Splits `text` into cells. `file` is only named in errors.
 * @throws UserError("input-file") when there is no header, a name is empty or doubled, a quote is open, or a
 * row has another number of cells than the header.
 */
export function parseCsv(text: string, file: string, form: CsvForm = {}): CsvTable {
  const lines = text.replace(/^\uFEFF/, "").split(/\r\n|\n|\r/, MAX_LINES + 1);
  if (lines.length > MAX_LINES)
    throw new UserError("input-file", `${file}, row ${MAX_LINES + 1}: more rows than are read`, {
      hint: "use a part of it, or arrays of numpy",
    });
  const filled = lines.find((line) => line.trim() !== "");
  if (filled === undefined) {
    throw new UserError("input-file", `${file} is empty`, { hint: "the first row names the columns" });
  }
  const separator = form.separator === undefined ? separatorOf(filled) : SEPARATORS[form.separator];
  const rows: CsvRow[] = [];
  let cellCount = 0;
  lines.forEach((lineText, i) => {
    if (lineText.trim() === "") return;
    const cells = splitLine(lineText, i + 1, file, separator);
    cellCount += cells.length;
    if (cellCount > MAX_CELLS)
      throw new UserError("input-file", `${file}, row ${i + 1}: more than ${MAX_CELLS} cells`, {
        hint: "use a part of it, or arrays of numpy",
      });
    rows.push({ line: i + 1, text: lineText, cells });
  });
  const first = rows[0]!;
  if (first.cells.length > MAX_COLUMNS)
    throw at(file, first, 0, separator, `row ${first.line}: more than ${MAX_COLUMNS} columns`);
  const named = form.header !== false;
  const header = named ? first.cells : first.cells.map((_, column) => `c${column + 1}`);
  if (named) {
    rows.shift();
    checkHeader(file, first, separator);
  }
  for (const row of rows) {
    if (row.cells.length !== header.length) {
      const what = named ? "the header has" : "the first row has";
      const problem = `row ${row.line}: ${row.cells.length} cells where ${what} ${header.length}`;
      throw at(file, row, Math.min(row.cells.length, header.length) - 1, separator, problem);
    }
  }
  const decimal = form.decimal ?? (separator !== "," && hasDecimalComma(rows) ? "comma" : "point");
  return { file, header, rows, separator, decimal };
}

function checkHeader(file: string, first: CsvRow, separator: string): void {
  const seen = new Set<string>();
  const hint = first.cells.some((name) => NUMBER.test(name)) ? NO_HEADER : undefined;
  first.cells.forEach((name, column) => {
    const fail = (problem: string) =>
      at(file, first, column, separator, `row ${first.line}: ${problem}`, hint);
    if (name === "") throw fail(`column ${column + 1} has no name`);
    if (seen.has(name)) throw fail(`column "${name}" appears twice`);
    seen.add(name);
  });
}

const NO_HEADER = "the first row names the columns; put names above, or set `header: false`: c1, c2, …";

/**
 * Why the header is probably the first row of data, and what to do: every name is a number or a value that occurs again
 * in its column, at least one is a number, and they do not count the columns.
 */
export function headerThatIsData({ file, header, rows, separator }: CsvTable): UserError | undefined {
  if (!header.some((name) => NUMBER.test(name))) return undefined;
  const counts = header.every((name, i) => Number(name) === Number(header[0]) + i);
  const isData = (name: string, column: number): boolean =>
    NUMBER.test(name) || NUMBER_WITH_COMMA.test(name) || rows.some(({ cells }) => cells[column] === name);
  if (counts || !header.every(isData)) return undefined;
  const first: CsvRow = { line: 1, text: header.join(separator), cells: header };
  return at(file, first, 0, separator, "row 1: the names of the columns look like values", NO_HEADER);
}

function separatorOf(line: string): string {
  const bare = line.replace(/"[^"]*"/g, "");
  return ["\t", ";"].find((candidate) => bare.includes(candidate)) ?? ",";
}

function hasDecimalComma(rows: readonly CsvRow[]): boolean {
  return rows.some(({ cells }) => cells.some((cell) => NUMBER_WITH_COMMA.test(cell)));
}

/** A complaint about one cell: names row and column and points at the text. */
export function cellError(table: CsvTable, row: CsvRow, column: number, problem: string, hint?: string) {
  const message = `row ${row.line}, column ${table.header[column]}: ${problem}`;
  return at(table.file, row, column, table.separator, message, hint);
}

/** The finite number in a cell. @throws UserError("input-file") with row and column */
export function numberCell(table: CsvTable, row: CsvRow, column: number): number {
  const text = row.cells[column] as string;
  if (text === "") throw cellError(table, row, column, "is empty, a number is expected");
  const value = numberIn(text, table.decimal);
  if (Number.isFinite(value)) return value;
  const other = numberIn(text, table.decimal === "comma" ? "point" : "comma");
  const hint = Number.isFinite(other) ? `numbers of this file have a decimal ${table.decimal}` : undefined;
  throw cellError(table, row, column, `"${text}" is not a finite number`, hint);
}

/** NaN when the text is not a number. */
function numberIn(text: string, decimal: Decimal): number {
  if (decimal === "point") return NUMBER.test(text) ? Number(text) : Number.NaN;
  if (!NUMBER_WITH_COMMA.test(text) && !/^[+-]?\d+(?:[eE][+-]?\d+)?$/.test(text)) return Number.NaN;
  return Number(text.replace(",", "."));
}

function splitLine(text: string, line: number, file: string, separator: string): string[] {
  if (!text.includes('"')) return text.split(separator, MAX_COLUMNS + 1).map((cell) => cell.trim());
  const cells: string[] = [];
  // A quoted cell, or one without quotes; no alternative can match the same text in two ways.
  const cell = new RegExp(
    `(?:[^\\S\\t]*"([^"]*(?:""[^"]*)*)"[^\\S\\t]*|([^"${separator}]*))(${separator}|$)`,
    "y",
  );
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
    if (match[3] === "" || cells.length > MAX_COLUMNS) return cells;
  }
}

function at(
  file: string,
  row: CsvRow,
  column: number,
  separator: string,
  message: string,
  hint?: string,
): UserError {
  const start = columnStart(row.text, column, separator);
  // Long rows are not shown whole.
  const text = row.text.length > 2000 ? {} : { text: row.text };
  const where = { file, line: row.line, column: start, ...text };
  const details: UserErrorDetails = hint === undefined ? { where } : { where, hint };
  return new UserError("input-file", message, details);
}

/** Position of a cell's first character, counted from 1; 1 when quotes make it uncertain. */
function columnStart(text: string, column: number, separator: string): number {
  if (text.includes('"')) return 1;
  const before = text.split(separator).slice(0, Math.max(column, 0));
  return before.reduce((sum, cell) => sum + cell.length + 1, 1);
}
