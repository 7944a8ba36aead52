import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { fileSource, positionOf } from "../../src/experiment/source.ts";

const source = (text: string) => fileSource("/folder/a.yaml", "a.yaml", text);

describe("positions", () => {
  test("line and column count from 1; the line comes along", () => {
    const text = "a: 1\nbb: 22\n";
    expect(positionOf({ source: source(text), start: 9, end: 11 })).toEqual({
      file: "a.yaml",
      line: 2,
      column: 5,
      text: "bb: 22",
      length: 2,
    });
  });

  test("a mark over several lines is underlined to the end of its first", () => {
    const position = positionOf({ source: source("a:\n  b: 1\n  c: 2\n"), start: 5, end: 16 });
    expect(position).toMatchObject({ line: 2, column: 3, length: 4 });
  });

  test("carriage returns are not part of the line", () => {
    expect(positionOf({ source: source("a: 1\r\nb: 2\r\n"), start: 6, end: 7 }).text).toBe("b: 2");
  });

  test("the end of the text is a position too", () => {
    expect(positionOf({ source: source("ab"), start: 2, end: 2 })).toMatchObject({
      line: 1,
      column: 3,
      length: 1,
    });
    expect(positionOf({ source: source("ab\n"), start: 9, end: 9 })).toMatchObject({ line: 2, column: 1 });
  });

  test("line and column lead back to the offset", () => {
    const texts = fc.array(fc.constantFrom("a", "\n", "é", "  "), { maxLength: 40 });
    fc.assert(
      fc.property(texts, fc.nat(60), (parts, wanted) => {
        const text = parts.join("");
        const start = Math.min(wanted, text.length);
        const { line, column } = positionOf({ source: source(text), start, end: start + 1 });
        const lines = text.split("\n");
        const offset = lines.slice(0, line - 1).reduce((sum, one) => sum + one.length + 1, 0);
        expect(offset + column - 1).toBe(start);
      }),
    );
  });
});
