/** Every kind of wrong experiment: message with file, line, column, the line itself, a hint; exit 3; no files. */

import { mkdirSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { experimentFiles, SMALL } from "../experiment/experiment-files.ts";
import { eventprop } from "./program.ts";

const files = experimentFiles();

interface Case {
  readonly name: string;
  readonly content: string | Uint8Array;
  /** `line:column`, where there is a line to show. */
  readonly at?: string;
  readonly shows?: string;
  readonly message: RegExp;
  readonly hint: RegExp;
}

const bomb = Array.from(
  { length: 9 },
  (_, i) =>
    `k${i}: &k${i} [${Array(9)
      .fill(i === 0 ? "x" : `*k${i - 1}`)
      .join(", ")}]`,
);

const CASES: readonly Case[] = [
  {
    name: "unknown-key",
    content: SMALL.replace("epochs", "epoch"),
    at: "15:3",
    shows: "  epoch: 3",
    message: /unknown key `epoch`/,
    hint: /did you mean `epochs`\?/,
  },
  {
    name: "wrong-unit",
    content: SMALL.replace("38 us", "38 mV"),
    at: "5:13",
    shows: "  duration: 38 mV",
    message: /`38 mV`, which is not a time/,
    hint: /ns, us, ms or s, e\.g\. `6 us`/,
  },
  {
    name: "bare-number",
    content: SMALL.replace("38 us", "38"),
    at: "5:13",
    shows: "  duration: 38",
    message: /needs a unit/,
    hint: /`38 us`/,
  },
  {
    name: "wrong-kind",
    content: SMALL.replace("max-over-time", "max-of-time"),
    at: "13:15",
    shows: "loss: { kind: max-of-time }",
    message: /`loss\.kind` cannot be `max-of-time`/,
    hint: /did you mean `max-over-time`\?.*first-spike/,
  },
  {
    name: "out-of-range",
    content: SMALL.replace("size: 10", "size: -4"),
    at: "7:33",
    shows: "    hidden: { model: lif, size: -4 }",
    message: /must be at least 1, not -4/,
    hint: /Number of neurons/,
  },
  {
    name: "duplicate-key",
    content: `${SMALL}name: again\n`,
    at: "17:1",
    shows: "name: again",
    message: /the key `name` appears twice/,
    hint: /remove one/,
  },
  {
    name: "tab",
    content: SMALL.replace("  batch", "\tbatch"),
    at: "16:1",
    shows: "\tbatch: 5",
    message: /a tab is used for indentation/,
    hint: /spaces/,
  },
  { name: "empty", content: "", message: /is empty/, hint: /init smoke/ },
  { name: "blank", content: " \n\n", message: /is empty/, hint: /init smoke/ },
  {
    name: "binary",
    content: new Uint8Array([0x7f, 0x45, 0x4c, 0x46, 0, 1, 2, 0xff]),
    message: /not a text file/,
    hint: /UTF-8/,
  },
  {
    name: "latin1",
    content: new Uint8Array([0x6e, 0x3a, 0x20, 0xe9, 0x0a]),
    message: /not a text file/,
    hint: /UTF-8/,
  },
  {
    name: "large",
    content: `${SMALL}${"# more\n".repeat(50_000)}`,
    message: /larger than 256 KiB/,
    hint: /experiment/,
  },
  {
    name: "aliases",
    content: `${bomb.join("\n")}\n`,
    at: "1:",
    message: /expands to more than 10000 values/,
    hint: /alias/,
  },
];

for (const { name, content } of CASES) files.write(`${name}.yaml`, content);

/** Checks what was said about one file. */
function check(said: string, { name, at, shows, message, hint }: Case): void {
  expect(said).toMatch(message);
  expect(said).toContain(at === undefined ? `${name}.yaml` : `${name}.yaml:${at}`);
  if (shows !== undefined) expect(said).toContain(` | ${shows}\n`);
  expect(said).toMatch(new RegExp(`hint: .*${hint.source}`));
}

describe("validate", () => {
  // One process for all files: what it says about a file is what names it.
  const before = readdirSync(files.folder);
  const { code, stdout, stderr } = eventprop(["validate", ...CASES.map(({ name }) => `${name}.yaml`)], {
    cwd: files.folder,
  });
  const complaints = stderr.split(/\n(?=\S)/);

  test("ends with 3, says nothing on stdout, writes nothing", () => {
    expect([code, stdout]).toEqual([3, ""]);
    expect(readdirSync(files.folder)).toEqual(before);
    expect(complaints).toHaveLength(CASES.length);
  });

  test.each(CASES)("$name", (wrong) => {
    check(`${complaints[CASES.indexOf(wrong)]}\n`, wrong);
  });
});

// The same loader stands behind the other commands; one case each shows that it comes first.
test.each(["config", "train"])("%s checks before it does anything", (command) => {
  const before = readdirSync(files.folder);
  const wrong = CASES[0] as Case;
  const { code, stdout, stderr } = eventprop([command, `${wrong.name}.yaml`], { cwd: files.folder });
  check(stderr, wrong);
  expect([code, stdout]).toEqual([3, ""]);
  expect(readdirSync(files.folder)).toEqual(before);
});

test("a missing file, with the likely one", () => {
  files.write("present.yaml", SMALL);
  const { code, stderr } = eventprop(["validate", "presnt.yaml"], { cwd: files.folder });
  expect(code).toBe(3);
  expect(stderr).toMatch(/presnt\.yaml: there is no such file\n {2}hint: did you mean `present\.yaml`\?/);
});

test("a folder", () => {
  mkdirSync(join(files.folder, "folder"), { recursive: true });
  const { code, stderr } = eventprop(["validate", "folder"], { cwd: files.folder });
  expect(code).toBe(3);
  expect(stderr).toMatch(/folder: is a folder\n {2}hint: name an experiment file/);
});

test("a wrong --set points into the flag", () => {
  files.write("good.yaml", SMALL);
  const args = ["validate", "good.yaml", "--set", "seed=2", "--set", "training.epoch=3"];
  const { code, stderr } = eventprop(args, { cwd: files.folder });
  expect(code).toBe(3);
  expect(stderr).toBe(
    [
      "--set #2: error: unknown key `epoch` in `training`",
      "   1 | training.epoch=3",
      "     |          ^^^^^",
      "  hint: did you mean `epochs`?",
      "",
    ].join("\n"),
  );
});
