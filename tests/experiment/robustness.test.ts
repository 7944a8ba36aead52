import fc from "fast-check";
import { expect, test } from "vitest";
import { UserError } from "../../src/core/errors.ts";
import { loadExperiment } from "../../src/experiment/load.ts";
import { experimentFiles, SMALL } from "./experiment-files.ts";

const files = experimentFiles();
files.write("small.yaml", SMALL);

/** Loads; whatever is wrong must be told as a user error of exit code 3 with a position inside the text. */
function loadOrComplain(text: string, set: readonly string[] = []): void {
  files.write("changed.yaml", text);
  try {
    loadExperiment("changed.yaml", { folder: files.folder, set });
  } catch (error) {
    expect(error).toBeInstanceOf(UserError);
    for (const each of [error as UserError, ...(error as UserError).also]) {
      expect(each.exitCode).toBe(3);
      expect(each.message).not.toMatch(/undefined|\[object|NaN/);
      if (each.where?.file !== "changed.yaml") continue;
      const line = text.replace(/^\uFEFF/, "").split("\n")[each.where.line - 1];
      expect(line?.replace(/\r$/, "")).toBe(each.where.text);
      expect(each.where.column).toBeGreaterThanOrEqual(1);
      expect(each.where.column).toBeLessThanOrEqual((each.where.text?.length ?? 0) + 1);
    }
  }
}

const piece = fc.constantFrom(
  "\t",
  "\n",
  " ",
  ":",
  "- ",
  "{",
  "}",
  "[",
  "]",
  "&a ",
  "*a",
  "'",
  '"',
  "#",
  "|",
  ">",
  "!x ",
  "us",
  "-1",
  "0",
  "1e999",
  "~",
  "é",
  "<<: ",
  "? ",
);

test("no edit of a file crashes the loader", () => {
  const edits = fc.array(fc.tuple(fc.nat(SMALL.length), fc.nat(6), piece), { minLength: 1, maxLength: 3 });
  fc.assert(
    fc.property(edits, (changes) => {
      let text = SMALL;
      for (const [at, removed, inserted] of changes)
        text = text.slice(0, at) + inserted + text.slice(at + removed);
      loadOrComplain(text);
    }),
    { numRuns: 300 },
  );
});

test("no value in the place of another crashes the loader", () => {
  const lines = SMALL.trimEnd().split("\n");
  const value = fc.constantFrom(
    "null",
    "0",
    "-5",
    "1.5",
    "word",
    "6 us",
    "true",
    "[]",
    "[1, x]",
    "{}",
    "{ kind: adam }",
    "{ a: { b: 1 } }",
    "1e300",
    "''",
  );
  fc.assert(
    fc.property(fc.nat(lines.length - 1), value, (index, inserted) => {
      const changed = lines.map((line, i) => (i === index ? line.replace(/:.*$/, `: ${inserted}`) : line));
      loadOrComplain(`${changed.join("\n")}\n`);
    }),
    { numRuns: 200 },
  );
});

test("no --set crashes the loader", () => {
  const part = fc.constantFrom(
    "network",
    "populations",
    "hidden",
    "[0]",
    ".",
    "size",
    "=",
    "5",
    "~",
    "kind",
    "training",
    "epochs",
    "regularizers",
    "{}",
    "__proto__",
    "constructor",
    " ",
  );
  fc.assert(
    fc.property(fc.array(part, { maxLength: 8 }), (parts) => loadOrComplain(SMALL, [parts.join("")])),
    { numRuns: 300 },
  );
});
