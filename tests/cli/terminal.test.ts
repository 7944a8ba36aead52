import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { createTerminal, table } from "../../src/cli/terminal.ts";
import { UserError } from "../../src/core/errors.ts";

let written = "";
beforeEach(() => {
  written = "";
  process.env["NO_COLOR"] = "1";
  vi.spyOn(process.stderr, "write").mockImplementation((text) => {
    written += text;
    return true;
  });
});
afterEach(() => {
  vi.restoreAllMocks();
  delete process.env["NO_COLOR"];
});

const shown = (text: string, column: number, length?: number) => {
  const where = { file: "a.yaml", line: 7, column, text, ...(length === undefined ? {} : { length }) };
  createTerminal({ quiet: false, progress: true }).error(
    new UserError("file", "wrong", { where, hint: "do this" }),
  );
  return written;
};

describe("an error frame", () => {
  test("place, line, caret, hint", () => {
    expect(shown("key: value", 6, 5)).toBe(
      "a.yaml:7:6: error: wrong\n   7 | key: value\n     |      ^^^^^\n  hint: do this\n",
    );
  });

  test("tabs shift the caret as they shift the line", () => {
    expect(shown("\ta:\tb", 5)).toContain("   7 | \ta:\tb\n     | \t  \t^\n");
  });

  test("a long line is cut around the position", () => {
    const text = `${"x".repeat(500)}HERE${"y".repeat(500)}`;
    const lines = shown(text, 501, 4).split("\n");
    expect(lines[1]?.length).toBeLessThan(120);
    expect(lines[1]?.slice(lines[2]?.indexOf("^"), (lines[2]?.lastIndexOf("^") ?? 0) + 1)).toBe("HERE");
  });

  test("control characters do not reach the terminal", () => {
    expect(shown("a\u001b[31m\u0007b", 1)).not.toContain("\u001b");
  });

  test("the caret stays inside the line", () => {
    expect(shown("ab", 2, 40)).toContain("     |  ^\n");
  });

  test("further errors follow", () => {
    const also = [new UserError("file", "second")];
    createTerminal({ quiet: true, progress: true }).error(new UserError("file", "first", { also }));
    expect(written).toBe("error: first\nerror: second\n");
  });
});

test("quiet says nothing but warnings and errors", () => {
  const terminal = createTerminal({ quiet: true, progress: true });
  terminal.say("hello");
  terminal.warn("careful");
  expect(written).toBe("warning: careful\n");
  expect(terminal.progress).toBe("none");
});

test("tables align columns, numbers to the right, no trailing blanks", () => {
  const rows = [
    ["name", "value"],
    ["a", "1.5"],
    ["longer", "12.25"],
  ];
  expect(table(rows, [1])).toEqual(["name    value", "a         1.5", "longer  12.25"]);
  expect(
    table([
      ["a", ""],
      ["bb", "c"],
    ]),
  ).toEqual(["a", "bb  c"]);
});
