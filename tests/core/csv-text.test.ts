import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { cellError, numberCell, parseCsv } from "../../src/core/csv-text.ts";
import { UserError } from "../../src/core/errors.ts";

function errorOf(action: () => unknown): UserError {
  try {
    action();
  } catch (error) {
    if (error instanceof UserError) return error;
    throw error;
  }
  throw new Error("nothing was thrown");
}

describe("parseCsv", () => {
  it("reads header, cells and their lines, across byte order mark, CRLF and blank lines", () => {
    const table = parseCsv("\uFEFFa, b\r\n1,2\r\n\r\n 3 ,4\r\n", "x.csv");
    expect(table.header).toEqual(["a", "b"]);
    expect(table.rows.map(({ line, cells }) => [line, ...cells])).toEqual([
      [2, "1", "2"],
      [4, "3", "4"],
    ]);
  });

  it("returns what was quoted (RFC 4180)", () => {
    const cell = fc.string().filter((text) => !/[\r\n]/.test(text));
    fc.assert(
      fc.property(fc.array(cell, { minLength: 1, maxLength: 5 }), (cells) => {
        const header = cells.map((_, i) => `c${i}`).join(",");
        const row = cells.map((text) => `"${text.replaceAll('"', '""')}"`).join(",");
        expect(parseCsv(`${header}\n${row}\n`, "x.csv").rows[0]?.cells).toEqual(cells);
      }),
    );
  });

  it.each([
    ["", "x.csv is empty", undefined],
    ["a,,c\n", "row 1: column 2 has no name", 1],
    ["a,b,a\n", 'row 1: column "a" appears twice', 1],
    ["a,b\n1,2\n1,2,3\n", "row 3: 3 cells where the header has 2", 3],
    ['a,b\n1,"2\n', "row 2: a quote is not closed or stands inside a cell", 2],
    ['a,b\n1,2"\n', "row 2: a quote is not closed or stands inside a cell", 2],
  ])("refuses %j", (text, message, line) => {
    const error = errorOf(() => parseCsv(text, "x.csv"));
    expect(error.code).toBe("input-file");
    expect(error.message).toBe(message);
    expect(error.where?.line).toBe(line);
  });
});

describe("numberCell", () => {
  const read = (cell: string) => {
    const table = parseCsv(`name,value\nx,${cell}\n`, "x.csv");
    return numberCell(table, table.rows[0] as (typeof table.rows)[0], 1);
  };

  it("reads every finite double back", () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => {
        expect(read(String(value))).toBe(value === 0 ? Number(String(value)) : value);
      }),
    );
  });

  it.each(["abc", "NaN", "Infinity", "1e999", "0x10", "1 2", "--1", ""])("refuses %j", (cell) => {
    expect(() => read(cell)).toThrow(/^row 2, column value: /);
  });

  it("points at the cell", () => {
    const table = parseCsv("name,value\nlong name, 1\n", "x.csv");
    const error = cellError(table, table.rows[0] as (typeof table.rows)[0], 1, "is odd");
    expect(error.where).toEqual({ file: "x.csv", line: 2, column: 11, text: "long name, 1" });
  });
});
