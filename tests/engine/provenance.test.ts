import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import {
  describeCall,
  hashFolder,
  type Provenance,
  readProvenance,
  withEnd,
  writeProvenance,
} from "../../src/engine/provenance.ts";
import { temporaryFolder, userErrorOf } from "./temporary-folder.ts";

const folder = temporaryFolder();
const program = { version: "0.1.0", hash: "ab" };
const call = (workingFolder = folder) =>
  describeCall({
    command: ["train", "x.yaml", "--seed", "3"],
    workingFolder,
    program,
    started: new Date("2026-03-01T14:22:33Z"),
  });
const provenance: Provenance = {
  ...call(),
  experimentHash: "cd",
  files: [],
  seeds: { run: 3, chip: null },
  parent: null,
  resumed: [],
};
const end = new Date("2026-03-01T14:23:00Z");

it("hashes names and contents of the program, and nothing else", () => {
  const compiled = join(folder, "program");
  mkdirSync(join(compiled, "core"), { recursive: true });
  writeFileSync(join(compiled, "main.js"), "1");
  writeFileSync(join(compiled, "core", "a.wasm"), "2");
  const before = hashFolder(compiled);
  writeFileSync(join(compiled, "main.js.map"), "{}");
  expect(hashFolder(compiled)).toBe(before);
  writeFileSync(join(compiled, "main.js"), "2");
  expect(hashFolder(compiled)).not.toBe(before);
  writeFileSync(join(compiled, "main.js"), "1");
  expect(hashFolder(compiled)).toBe(before);
});

it("records command, program, machine and times, but no environment", () => {
  process.env["EVENTPROP_TEST_SECRET"] = "sesame-open-4711";
  writeProvenance(folder, provenance);
  expect(provenance).toMatchObject({ version: "0.1.0", programHash: "ab", git: null, ended: null });
  expect([provenance.node, provenance.v8]).toEqual([process.versions.node, process.versions.v8]);
  expect(provenance.processor.count).toBeGreaterThan(0);
  expect(readFileSync(join(folder, "provenance.json"), "utf8")).not.toContain("sesame-open-4711");
  expect(readProvenance(folder)).toEqual(provenance);
});

it("keeps the first call and appends later ones, each with its end", () => {
  const first = withEnd(provenance, end, 75);
  const later = { ...call(), command: ["train", "--resume", "x"] };
  const second = withEnd({ ...first, resumed: [later] }, new Date("2026-03-02T00:00:00Z"), 0);
  expect(second).toMatchObject({
    command: ["train", "x.yaml", "--seed", "3"],
    started: "2026-03-01T14:22:33.000Z",
    ended: "2026-03-01T14:23:00.000Z",
    exitCode: 75,
    resumed: [{ command: ["train", "--resume", "x"], ended: "2026-03-02T00:00:00.000Z", exitCode: 0 }],
  });
});

it("is not read when it was changed", () => {
  writeProvenance(folder, provenance);
  const path = join(folder, "provenance.json");
  writeFileSync(path, readFileSync(path, "utf8").replace('"--seed"', '"--sead"'));
  expect(userErrorOf(() => readProvenance(folder)).message).toMatch(/provenance\.json was changed/);
});

it("asks git without running what the repository names, and without writing to it", () => {
  const repository = join(folder, "repository");
  mkdirSync(repository);
  const git = (...words: string[]): string =>
    execFileSync("git", ["-c", "user.name=a", "-c", "user.email=a@b", ...words], {
      cwd: repository,
      encoding: "utf8",
    });
  git("init", "-q");
  writeFileSync(join(repository, "file"), "one");
  writeFileSync(join(repository, ".gitattributes"), "file filter=trap\n");
  git("add", ".");
  git("commit", "-q", "-m", "first");
  const trapped = join(folder, "trapped");
  const trap = `touch ${trapped}; cat`;
  git("config", "core.fsmonitor", trap);
  git("config", "filter.trap.clean", trap);
  git("config", "filter.trap.process", trap);
  mkdirSync(join(repository, ".git", "hooks"), { recursive: true });
  writeFileSync(join(repository, ".git", "hooks", "post-index-change"), `#!/bin/sh\n${trap}\n`, {
    mode: 0o755,
  });
  writeFileSync(join(repository, "file"), "two");
  const index = readFileSync(join(repository, ".git", "index"));
  const state = call(repository).git;
  expect(state?.commit).toMatch(/^[0-9a-f]{40}$/);
  expect(state?.dirty).toBe(true);
  expect(existsSync(trapped)).toBe(false);
  expect(readFileSync(join(repository, ".git", "index"))).toEqual(index);
});
