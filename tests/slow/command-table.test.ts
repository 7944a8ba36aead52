/** Every command with --quiet and --verbose, and under the same four disturbances: one JSON document, a reader that leaves, no folder, a wrong file. */

import { execFileSync, spawnSync } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Command } from "commander";
import { beforeAll, describe, expect, it } from "vitest";
import { COMMANDS } from "../../src/cli/commands.ts";
import { eventprop } from "../cli/program.ts";
import { SMOKE, tinyRun } from "../cli/tiny-runs.ts";
import { temporaryFolder } from "../engine/temporary-folder.ts";

/** For one call of the program, on a machine that does other things too, ms. */
const timeout = 300_000;
const cwd = temporaryFolder();
const PROBE = fileURLToPath(new URL("../../experiments/probe/rails.yaml", import.meta.url));
const bin = fileURLToPath(new URL("../../bin/eventprop.js", import.meta.url));
const tiny = (...more: string[]): string[] => tinyRun("software", 1, ...more).slice(1);

/** Commands as the program sets them up: a new one is part of all tests here, and needs a good call below. */
const TREE = new Map(
  await Promise.all(
    COMMANDS.map(async ({ name, load }) => {
      const command = new Command(name);
      (await load()).configure(command);
      return [name, command] as const;
    }),
  ),
);
const hasOption = (name: string, option: string): boolean =>
  TREE.get(name)!.options.some(({ long }) => long === option);

/** A good call of each command that is quick; `files` says that it writes a folder or file, named last. */
const CALLS: Readonly<Record<string, { readonly good: readonly string[]; readonly files?: true }>> = {
  train: { good: [...tiny(), "--out"], files: true },
  calibrate: { good: ["--out"], files: true },
  emulate: { good: [...tiny(), "--weights", "run", "--inputs", "events.csv", "--out"], files: true },
  evaluate: { good: ["run", "--out"], files: true },
  "grad-check": { good: ["run", "--samples", "1", "--per-projection", "1", "--estimators", "eventprop"] },
  study: { good: ["realism", "real.json"] },
  probe: { good: [PROBE, "--set", "chip.kind=ideal"] },
  inspect: { good: ["network", SMOKE] },
  validate: { good: [SMOKE] },
  config: { good: [SMOKE] },
  list: { good: [] },
  schema: { good: [] },
  init: { good: [] },
  compare: { good: ["run"] },
  report: { good: ["run", "--out"], files: true },
  export: { good: ["run", "--out"], files: true },
  nir: { good: ["export", "run", "--out"], files: true },
  plot: { good: ["learning-curve", "run"] },
  sweep: { good: ["sweep.yaml", "--out"], files: true },
  completion: { good: ["bash"] },
  doctor: { good: [] },
  serve: { good: [SMOKE, "--port", "0"] },
};
/** No call of these is quick and succeeds, or ends by itself; they are tried with wrong files only. */
const SLOW = new Set(["study", "calibrate", "serve"]);
/** What these print is a text of another form. */
const NO_JSON = new Set(["report", "plot", "completion"]);

beforeAll(() => {
  expect(eventprop(tinyRun("software", 1, "--out", "run"), { cwd, timeout }).code).toBe(0);
  const base = `base: ${SMOKE}\nlist: [{ training.epochs: 1, chip.kind: software, data.trainSize: 60 }]\n`;
  writeFileSync(join(cwd, "sweep.yaml"), base);
  writeFileSync(join(cwd, "events.csv"), "sample,source,time_us\n0,0,5\n");
  mkdirSync(join(cwd, "folder"));
  mkdirSync(join(cwd, "closed"));
  chmodSync(join(cwd, "closed"), 0o555);
  writeFileSync(join(cwd, "file.bin"), new Uint8Array([0, 1, 2, 255]));
}, timeout);

/** Their argument is a word. */
const NO_FILE = new Set(["list", "schema", "init", "completion"]);

let outputs = 0;
const callOf = (name: string, place = `out-${outputs++}`): string[] => {
  const { good, files } = CALLS[name] as { good: readonly string[]; files?: true };
  return [name, ...good, ...(files === true ? [place] : [])];
};
const oneDocument = (text: string): void => {
  expect(text.trim()).not.toBe("");
  JSON.parse(text);
};
const names = COMMANDS.map(({ name }) => name);
const quick = names.filter((name) => !SLOW.has(name));

describe("the table of calls", () => {
  it("has one of each command", () => {
    expect(Object.keys(CALLS).sort()).toEqual([...names].sort());
  });

  it("knows which commands print JSON, and which write where --out says", () => {
    expect(names.filter((name) => !hasOption(name, "--json")).sort()).toEqual([...NO_JSON].sort());
    const writers = names.filter((name) => CALLS[name]?.files === true);
    expect(writers.filter((name) => !hasOption(name, "--out"))).toEqual([]);
    // The others write only where they are told to.
    expect(names.filter((name) => hasOption(name, "--out") && !writers.includes(name)).sort()).toEqual([
      ...["compare", "grad-check", "init", "plot", "probe", "study"],
    ]);
  });
});

describe.each(quick)("%s", (name) => {
  it.skipIf(NO_JSON.has(name))("prints one JSON document with --json", () => {
    const { code, stdout } = eventprop([...callOf(name), "--json"], { cwd, timeout });
    expect([name, code]).toEqual([name, 0]);
    oneDocument(stdout);
  });

  it("says nothing on stderr with --quiet, and what took how long with --verbose; the result is the same", () => {
    const plain = eventprop(callOf(name), { cwd, timeout });
    const quiet = eventprop([...callOf(name), "--quiet"], { cwd, timeout });
    // Warnings are said all the same.
    const talk = quiet.stderr.replaceAll(/^warning: .*\n(?: +hint: .*\n)*/gm, "");
    expect([quiet.code, talk]).toEqual([0, ""]);
    const verbose = eventprop([...callOf(name), "-v"], { cwd, timeout });
    expect(verbose.code).toBe(0);
    expect(verbose.stderr).toMatch(/^npx eventprop \d+\.\d+\.\d+ on Node /);
    expect(verbose.stderr).toMatch(new RegExp(`\n(?:npx eventprop )?${name} took \\d+\\.\\d\\d s\n$`));
    // Names of new folders and times aside; `config` prints where each value comes from when it is verbose.
    const same = (text: string) => text.replaceAll(/out-\d+|\d+\.\d+ s|\d+ ms/g, "…");
    expect(same(quiet.stdout)).toBe(same(plain.stdout));
    if (name !== "config") expect(same(verbose.stdout)).toBe(same(plain.stdout));
  });

  it("needs no terminal: stdin is closed, and nothing that only a terminal understands is written", () => {
    const words = [bin, ...callOf(name)];
    const { status, stdout, stderr } = spawnSync(process.execPath, words, {
      cwd,
      encoding: "utf8",
      stdio: ["ignore", "pipe", "pipe"],
    });
    expect(status).toBe(0);
    for (const character of ["\r", "\u001b"]) expect(stdout + stderr).not.toContain(character);
  });

  it("does not call a result complete that its reader did not wait for, and says no stack", () => {
    const call = callOf(name)
      .map((word) => `'${word}'`)
      .join(" ");
    const script = `( "${process.execPath}" "${bin}" ${call} 2>stderr; echo $? >code ) | true; cat code stderr`;
    const output = execFileSync("/bin/bash", ["-c", script], { cwd, encoding: "utf8" });
    // A command that leaves its results in files is complete all the same.
    expect(output.split("\n")[0]).toMatch(CALLS[name]?.files === true ? /^0$/ : /^(141|0)$/);
    expect(output).not.toMatch(/\n {4}at /);
  });

  it.skipIf(!existsSync("/dev/full"))("says that a full device did not take its result", () => {
    const call = callOf(name)
      .map((word) => `'${word}'`)
      .join(" ");
    const { status, stderr } = spawnSync(
      "/bin/bash",
      ["-c", `"${process.execPath}" "${bin}" ${call} >/dev/full`],
      {
        cwd,
        encoding: "utf8",
      },
    );
    expect(status).toBe(6);
    expect(stderr).toMatch(/error: the result cannot be written to standard output: the disk is full/);
    expect(stderr).not.toMatch(/\n {4}at /);
  });
});

describe.each(names)("%s refuses, with one JSON document and no stack,", (name) => {
  const refused = (args: readonly string[], codes: readonly number[]): void => {
    const before = readdirSync(cwd).sort();
    const json = hasOption(name, "--json");
    const { code, stdout, stderr } = eventprop([...args, ...(json ? ["--json"] : [])], { cwd, timeout });
    expect(codes, `${args.join(" ")}: ${stderr}`).toContain(code);
    if (json) oneDocument(stdout);
    else expect([stdout, stderr]).toEqual(["", expect.stringContaining("error")]);
    expect(stderr).not.toMatch(/\n {4}at /);
    expect(readdirSync(cwd).sort()).toEqual(before);
  };

  it("an unknown option", () => refused([name, "--nothing"], [2]));

  it.skipIf(CALLS[name]?.files !== true)("a place where nothing can be written", () => {
    // Root may write everywhere but here.
    refused(callOf(name, "/proc/none/there"), [6]);
    if (process.getuid?.() !== 0) refused(callOf(name, "closed/there"), [6]);
  });

  const takesFile = TREE.get(name)!.registeredArguments.length > 0 && !NO_FILE.has(name);
  it.skipIf(!takesFile)("a folder, a binary file, and no file in the place of its own", () => {
    for (const wrong of ["folder", "file.bin", "none.yaml"]) {
      const words = CALLS[name]?.good.map((word) =>
        /^(run|real\.json|sweep\.yaml)$/.test(word) || [SMOKE, PROBE].includes(word) ? wrong : word,
      );
      const place = CALLS[name]?.files === true ? ["never"] : [];
      const args = name === "calibrate" ? ["calibrate", wrong] : [name, ...(words ?? []), ...place];
      refused(args, [2, 3, 4, 6]);
    }
  });
});
