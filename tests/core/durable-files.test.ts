import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { createFolder, removeTemporaries, writeAtomic, writeJson } from "../../src/core/durable-files.ts";
import { temporaryFolder, userErrorOf } from "../engine/temporary-folder.ts";

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

it("creates folders with those above them, and comes back where none can be made", () => {
  const deep = join(folder, "a", "b", "c");
  createFolder(deep);
  createFolder(deep);
  expect(readdirSync(join(folder, "a", "b"))).toEqual(["c"]);
  expect(userErrorOf(() => createFolder(join(folder, "file", "below"))).code).toBe("file");
  // The recursive mkdir of Node never returns here.
  if (process.platform === "linux")
    expect(userErrorOf(() => createFolder("/proc/none/below")).message).toMatch(
      /no folder can be made there/,
    );
});

it("replaces what a killed process left of the same file, and leaves alone what others write", () => {
  const own = join(folder, "shared");
  createFolder(own);
  const path = join(own, "a.json");
  const gone = join(own, `.a.json.${hostname()}.${2 ** 30}.tmp`);
  const others = [`.a.json.${hostname()}.${process.ppid}.tmp`, `.a.json.elsewhere.${2 ** 30}.tmp`, ".b.tmp"];
  for (const name of [gone, ...others.map((name) => join(own, name))]) writeFileSync(name, "half");
  writeAtomic(path, "whole");
  expect(readdirSync(own).sort()).toEqual([...others, "a.json"].sort());
});

it("removes what killed processes left half written, and nothing else", () => {
  const own = join(folder, "left");
  createFolder(own);
  for (const name of [".a.json.123.tmp", "b.tmp", ".c.tmp"]) writeFileSync(join(own, name), "");
  removeTemporaries(own);
  expect(readdirSync(own).sort()).toEqual([".c.tmp", "b.tmp"]);
});
