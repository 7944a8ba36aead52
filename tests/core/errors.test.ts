import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { EXIT_CODE, UserError } from "../../src/core/errors.ts";

const document = readFileSync(new URL("../../docs/errors.md", import.meta.url), "utf8");

test("docs/errors.md explains every code, with its exit code, and no other", () => {
  const documented = [...document.matchAll(/^### `([a-z-]+)` \((\d+)\)$/gm)].map(([, code, exit]) => [
    code,
    Number(exit),
  ]);
  expect(Object.fromEntries(documented)).toEqual(EXIT_CODE);
  for (const exit of new Set(Object.values(EXIT_CODE))) expect(document).toContain(`| ${exit} | `);
});

test("an error carries its exit code, place and companions", () => {
  const where = { file: "a.yaml", line: 1, column: 2 };
  const also = [new UserError("file", "another")];
  const error = new UserError("diverged", "no", { where, hint: "do", also });
  expect(error).toMatchObject({ exitCode: 5, where, hint: "do", also, name: "UserError" });
  expect(new UserError("usage", "x").also).toEqual([]);
});
