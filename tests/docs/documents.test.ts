/**
 * What the documents say about the repository is true: links lead somewhere, files and npm scripts exist, and commands
 * take the flags that are shown. Numbers and sentences are not checked here.
 */

import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { Command } from "commander";
import { describe, expect, it } from "vitest";
import { COMMANDS } from "../../src/cli/commands.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const DOCUMENTS = [
  "README.md",
  "CONTRIBUTING.md",
  "CHANGELOG.md",
  ...readdirSync(join(ROOT, "docs"))
    .filter((name) => name.endsWith(".md"))
    .map((name) => join("docs", name)),
];
/** History names files and commands as they were. */
const CURRENT = DOCUMENTS.filter((name) => name !== "CHANGELOG.md");
const SOURCES = [
  "src",
  "tests",
  "assembly",
  "bench",
  "experiments",
  "calibration",
  "schema",
  "data",
  "docs",
  "lint",
];
const GLOBAL_FLAGS = [
  "--version",
  "--verbose",
  "-v",
  "--quiet",
  "-q",
  "--no-color",
  "--no-progress",
  "--allow-plugins",
  "--help",
  "-h",
];

const textOf = (name: string): string => readFileSync(join(ROOT, name), "utf8");

/** Paths of all files of the repository that documents name, relative to its root. */
const FILES = [
  ...readdirSync(ROOT),
  ...SOURCES.flatMap((folder) =>
    readdirSync(join(ROOT, folder), { recursive: true }).map((path) => join(folder, String(path))),
  ),
];

/** The anchors that a Markdown page offers, as GitHub makes them from its headings. */
function anchorsOf(text: string): Set<string> {
  const headings = text.replace(/```[\s\S]*?```/g, "").match(/^#{1,6} .*$/gm) ?? [];
  const slug = (heading: string): string =>
    heading
      .replace(/^#+ /, "")
      .replace(/\[([^\]]*)\]\([^)]*\)/g, "$1")
      .toLowerCase()
      .replace(/[^\p{L}\p{N}_ -]/gu, "")
      .replaceAll(" ", "-");
  return new Set(headings.map(slug));
}

/** Links to places inside the repository that lead nowhere. */
function brokenLinks(name: string, text = textOf(name)): string[] {
  const links = [...text.replace(/```[\s\S]*?```/g, "").matchAll(/\]\(([^)\s]+)\)/g)].map(
    ([, target]) => target!,
  );
  return links.filter((link) => {
    if (/^[a-z]+:/.test(link)) return false;
    const [path, anchor] = link.split("#") as [string, string | undefined];
    const file = path === "" ? join(ROOT, name) : resolve(ROOT, dirname(name), path);
    if (!existsSync(file)) return true;
    return anchor !== undefined && file.endsWith(".md") && !anchorsOf(readFileSync(file, "utf8")).has(anchor);
  });
}

/** Files that a document names in code and that do not exist: whole paths, or their last parts (`mapping/place.ts`). */
function missingFiles(text: string): string[] {
  const named = [...text.matchAll(/`([\w./-]+)`/g)].map(([, path]) => path!);
  const isPath = (path: string): boolean =>
    /^[\w./-]+\.(ts|cjs)$/.test(path) || SOURCES.some((folder) => path.startsWith(`${folder}/`));
  const exists = (path: string): boolean =>
    existsSync(join(ROOT, path)) || FILES.some((file) => `/${file}`.endsWith(`/${path}`));
  return named.filter((path) => isPath(path) && !exists(path.replace(/\/$/, "")));
}

/** Every call of the program in a document, without what a shell does around it. */
function callsIn(text: string): string[] {
  const joined = text.replaceAll("\\\n", " ");
  return [...joined.matchAll(/\beventprop ([a-z][\w-]*[^`\n|;&]*)/g)]
    .filter(
      ({ 0: call, index }) => /npx $/.test(joined.slice(0, index)) || /^eventprop [a-z-]+ .*--/.test(call),
    )
    .map(([, call]) => call!.trim());
}

/** Commands and flags of a document that the program does not know. */
async function unknownCalls(text: string): Promise<string[]> {
  const unknown: string[] = [];
  for (const call of callsIn(text)) {
    const [name, ...words] = call.split(/\s+/) as [string, ...string[]];
    const entry = COMMANDS.find((one) => one.name === name);
    if (entry === undefined) {
      if (name !== "help") unknown.push(call);
      continue;
    }
    const command = new Command(name);
    (await entry.load()).configure(command);
    const flags = command.options.flatMap(({ long, short }) => [long, short]);
    const used = words.filter((word) => /^--?[a-z]/.test(word)).map((word) => word.replace(/[=)].*$/, ""));
    if (used.some((flag) => !flags.includes(flag) && !GLOBAL_FLAGS.includes(flag))) unknown.push(call);
  }
  return unknown;
}

describe.each(DOCUMENTS)("%s", (name) => {
  it("has links that lead somewhere", () => {
    expect(brokenLinks(name)).toEqual([]);
  });
});

describe.each(CURRENT)("%s", (name) => {
  it("names files that exist", () => {
    expect(missingFiles(textOf(name))).toEqual([]);
  });

  it("shows commands, flags and scripts that exist", async () => {
    expect(await unknownCalls(textOf(name))).toEqual([]);
    const { scripts } = JSON.parse(textOf("package.json")) as { scripts: Record<string, string> };
    const named = [...textOf(name).matchAll(/\bnpm run ([\w:-]+)/g)].map(([, script]) => script!);
    expect(named.filter((script) => scripts[script] === undefined)).toEqual([]);
  });
});

it("finds the fault in a document", async () => {
  const links =
    "[here](docs/method.md) [gone](docs/gone.md) [page](README.md#commands) [part](README.md#no-such-part)";
  expect(brokenLinks("README.md", links)).toEqual(["docs/gone.md", "README.md#no-such-part"]);
  expect(missingFiles("`mapping/place.ts`, `src/gone/place.ts`, `gone.ts`")).toEqual([
    "src/gone/place.ts",
    "gone.ts",
  ]);
  const calls = "`npx eventprop train a.yaml --seed 1`, `npx eventprop trian`, `npx eventprop train --sed 1`";
  expect(await unknownCalls(calls)).toEqual(["trian", "train --sed 1"]);
});

it("every page of docs is reached from the README or the index", () => {
  const linked = (name: string): string[] =>
    [...textOf(name).matchAll(/\]\(([^)#\s]+\.md)/g)].map(([, path]) => join(dirname(name), path!));
  const reached = new Set([...linked("README.md"), ...linked("docs/index.md")]);
  expect(
    DOCUMENTS.filter((name) => name.startsWith("docs/") && !reached.has(name) && name !== "docs/index.md"),
  ).toEqual([]);
});
