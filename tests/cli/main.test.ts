import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { Command } from "commander";
import { describe, expect, test } from "vitest";
import { COMMANDS } from "../../src/cli/commands.ts";
import { memberSchema } from "../../src/core/table.ts";
import { memberOptions } from "../../src/experiment/published-schema.ts";
import { experimentFiles, hasItsData, SMALL } from "../experiment/experiment-files.ts";
import { eventprop } from "./program.ts";

const files = experimentFiles();
files.write("small.yaml", SMALL);
files.write("bad.yaml", SMALL.replace("38 us", "38"));
const inFolder = { cwd: files.folder };
const root = fileURLToPath(new URL("../../", import.meta.url));

describe("usage", () => {
  test("help names every command, and works without loading any", () => {
    const { code, stdout, stderr } = eventprop(["--help"]);
    expect([code, stderr]).toEqual([0, ""]);
    for (const { name, summary } of COMMANDS) {
      expect(stdout).toContain(` ${name} `);
      expect(stdout.replace(/\s+/g, " ")).toContain(summary);
    }
  });

  test.each(COMMANDS)("help of $name ends with an example", async ({ name, load }) => {
    let help = "";
    const command = new Command(name).configureOutput({ writeOut: (text) => (help += text) });
    (await load()).configure(command);
    command.outputHelp();
    expect(help.trimEnd().split("\n").slice(-5).join("\n")).toMatch(/ {2}\$ npx eventprop \w+/);
  });

  test("`help list` is `list --help`", () => {
    expect(eventprop(["help", "list"]).stdout).toBe(eventprop(["list", "--help"]).stdout);
  });

  test("the version is the package's", () => {
    const { version } = JSON.parse(readFileSync(`${root}package.json`, "utf8")) as { version: string };
    expect(eventprop(["--version"])).toMatchObject({ code: 0, stdout: `${version}\n` });
  });

  test.each([
    [["trian"], /unknown command 'trian'\n\(Did you mean train\?\)/],
    [["validate"], /missing required argument/],
    [
      ["validate", "small.yaml", "--sed", "3"],
      /unknown option '--sed'\n\(Did you mean one of --seed, --set\?\)/,
    ],
    [["validate", "small.yaml", "--seed", "1.5"], /whole number/],
    [["config", "small.yaml", "small.yaml"], /too many arguments/],
    [["list", "losses", "first-spik"], /no kind `first-spik`\n {2}hint: did you mean `first-spike`\?/],
    [["list", "loses"], /no table `loses`\n {2}hint: did you mean `losses`\?/],
    [[], /Usage: npx eventprop/],
  ])("%j is a usage error", (args, message) => {
    const { code, stdout, stderr } = eventprop(args, inFolder);
    expect([code, stdout]).toEqual([2, ""]);
    expect(stderr).toMatch(message);
  });

  test("start-up loads nothing but the argument parser", () => {
    const seen = new Set<string>();
    const packages = new Set<string>();
    const visit = (file: string): void => {
      if (seen.has(file)) return;
      seen.add(file);
      const text = readFileSync(file, "utf8");
      for (const [, target = ""] of text.matchAll(/^(?:import|export)\s+(?!type)[^;]*?from "([^"]+)"/gms)) {
        if (target.startsWith(".")) visit(fileURLToPath(new URL(target, `file://${file}`)));
        else packages.add(target);
      }
    };
    visit(`${root}src/cli/main.ts`);
    expect([...packages].filter((name) => !name.startsWith("node:"))).toEqual(["commander"]);
    expect(seen.size).toBeLessThan(10);
  });
});

describe("validate", () => {
  test("says which files are good on stdout, what is wrong on stderr", () => {
    const { code, stdout, stderr } = eventprop(
      ["validate", "small.yaml", "bad.yaml", "small.yaml"],
      inFolder,
    );
    expect(code).toBe(3);
    expect(stdout).toBe("small.yaml: valid\nsmall.yaml: valid\n");
    expect(stderr).toMatch(/^bad\.yaml:5:13: error: /);
  });

  test("--json is one document", () => {
    const { code, stdout } = eventprop(["validate", "--json", "small.yaml", "bad.yaml"], inFolder);
    const outcomes = JSON.parse(stdout) as { file: string; valid: boolean; errors?: { where: object }[] }[];
    expect(code).toBe(3);
    expect(outcomes.map(({ file, valid }) => [file, valid])).toEqual([
      ["small.yaml", true],
      ["bad.yaml", false],
    ]);
    expect(outcomes[1]?.errors?.[0]?.where).toMatchObject({ line: 5, column: 13 });
  });

  test("accepts everything that ships", () => {
    const shipped = readdirSync(`${root}experiments`)
      .filter((file) => file.endsWith(".yaml") && hasItsData(file))
      .map((file) => `experiments/${file}`);
    expect(shipped).toEqual(expect.arrayContaining(["experiments/yin-yang.yaml", "experiments/smoke.yaml"]));
    expect(eventprop(["validate", ...shipped], { cwd: root })).toMatchObject({ code: 0, stderr: "" });
  });
});

describe("config", () => {
  test("its output is an experiment again", () => {
    const { code, stdout } = eventprop(["config", "small.yaml", "--set", "training.epochs=9"], inFolder);
    expect(code).toBe(0);
    files.write("again.yaml", stdout);
    expect(eventprop(["config", "again.yaml"], inFolder).stdout).toBe(stdout);
    expect(stdout).toMatch(/^ {2}epochs: 9$/m);
  });

  test("-v says where values come from", () => {
    const { stdout } = eventprop(["config", "small.yaml", "-v", "--seed", "4"], inFolder);
    expect(stdout).toMatch(/^seed: 4 # --seed$/m);
    expect(stdout).toMatch(/^ {2}epochs: 3 # small\.yaml:15$/m);
    expect(stdout).toMatch(/^ {2}evaluateEvery: 1 # default$/m);
  });
});

describe("list and schema", () => {
  test("every table has members with one line each", () => {
    const { stdout } = eventprop(["list", "--json"]);
    const tables = JSON.parse(stdout) as Record<string, { kind: string; summary: string }[]>;
    for (const [name, members] of Object.entries(tables)) {
      expect(members.length, name).toBeGreaterThan(0);
      for (const { kind, summary } of members) expect(summary, kind).toMatch(/^\S.{8,110}$/);
    }
    expect(tables["chips"]?.map(({ kind }) => kind)).toEqual(["software", "ideal", "simulated", "remote"]);
    expect(eventprop(["list", "chips"]).stdout.split("\n")).toHaveLength(5);
  });

  test("`list <table> <kind>` has the options that the schema has, with defaults, units and ranges", () => {
    const { stdout } = eventprop(["list", "losses", "first-spike"]);
    expect(stdout).toMatch(/^first-spike: /);
    expect(stdout).toMatch(/^tau0 +[\d.]+ us .*[Mm]ore than 0 us\.$/m);
    expect(stdout).toMatch(/One of .*no-gradient/);
    expect(stdout).not.toContain("undefined");
  });

  test("every member of every table has options that can be shown, each with a meaning", async () => {
    const names = (await import("../../src/experiment/tables.ts")).TABLES;
    for (const [name, members] of Object.entries(names))
      for (const member of members) {
        const found = memberOptions(memberSchema(member));
        const keys = Object.keys(member.options);
        expect(
          found.filter(({ key }) => keys.includes(key)).map(({ key }) => key),
          name,
        ).toEqual(keys);
        for (const { key, meaning } of found)
          expect(meaning, `${name} ${member.kind} ${key}`).toMatch(/^\S.{3,}/);
      }
  });

  test("the schema is JSON on stdout", () => {
    expect(JSON.parse(eventprop(["schema"]).stdout)).toMatchObject({ title: "eventprop experiment" });
  });
});

describe("the terminal", () => {
  test("a pipe gets no escapes; color can be forced, and switched off", () => {
    const stderrOf = (flags: readonly string[], env: Record<string, string>) =>
      eventprop(["list", "loses", ...flags], { env }).stderr;
    expect(stderrOf([], {})).not.toContain("\u001b");
    expect(stderrOf([], { FORCE_COLOR: "1" })).toContain("\u001b[31merror:");
    expect(stderrOf(["--no-color"], { FORCE_COLOR: "1" })).not.toContain("\u001b");
  });

  test.skipIf(!existsSync("/bin/sh"))("a reader that leaves early is no error", () => {
    const command = `"${process.execPath}" bin/eventprop.js schema | head -c 10; exit 0`;
    const { stdout, stderr } = spawnSync("/bin/sh", ["-c", command], { encoding: "utf8", cwd: root });
    expect(stdout).toHaveLength(10);
    expect(stderr).toBe("");
  });
});
