import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { writeAtomic, writeJson } from "../../src/engine/atomic-file.ts";
import { temporaryFolder, userErrorOf } from "./temporary-folder.ts";

const folder = temporaryFolder();

it("replaces content and leaves nothing else behind", () => {
  const path = join(folder, "a.txt");
  writeAtomic(path, "one");
  writeAtomic(path, Uint8Array.from([0x74, 0x77, 0x6f]));
  expect(readFileSync(path, "utf8")).toBe("two");
  expect(readdirSync(folder)).toEqual(["a.txt"]);
});

it("writes JSON that reads back", () => {
  const path = join(folder, "a.json");
  writeJson(path, { a: [1, null] });
  expect(readFileSync(path, "utf8")).toBe('{\n  "a": [\n    1,\n    null\n  ]\n}\n');
});

it("says what stands in the way and keeps what was there", () => {
  writeFileSync(join(folder, "file"), "kept");
  mkdirSync(join(folder, "taken"));
  const before = readdirSync(folder);
  const missing = userErrorOf(() => writeAtomic(join(folder, "no", "x"), ""));
  expect([missing.code, missing.exitCode]).toEqual(["file", 6]);
  expect(missing.message).toMatch(/its folder does not exist/);
  expect(userErrorOf(() => writeAtomic(join(folder, "file", "x"), "")).message).toMatch(/not a folder/);
  expect(userErrorOf(() => writeAtomic(join(folder, "taken"), "")).message).toMatch(/cannot write/);
  expect(readdirSync(folder)).toEqual(before);
});
