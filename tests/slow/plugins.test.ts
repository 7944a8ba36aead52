/** A run with a plugin, through the program: refused, trained with workers, named in the provenance, evaluated, and refused when it changed. */

import { appendFileSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { sha256 } from "../../src/core/sealed-json.ts";
import { eventprop } from "../cli/program.ts";
import { readJson, SMOKE, tinyRun } from "../cli/tiny-runs.ts";
import { temporaryFolder } from "../engine/temporary-folder.ts";

test("the example of docs/plugins.md, from validate to evaluate", () => {
  const cwd = temporaryFolder();
  const page = readFileSync(new URL("../../docs/plugins.md", import.meta.url), "utf8");
  const [yaml, js] = [/```yaml\n([\s\S]*?)```/, /```js\n([\s\S]*?)```/].map((block) => block.exec(page)![1]!);
  writeFileSync(join(cwd, "mine.js"), js!);
  writeFileSync(join(cwd, "package.json"), '{ "type": "module" }');
  writeFileSync(join(cwd, "mine.yaml"), yaml!.replace("extends: smoke", `extends: ${SMOKE}`));
  const run = (...words: string[]) => eventprop(words, { cwd });
  const refused = run("validate", "mine.yaml");
  expect([refused.code, refused.stderr]).toEqual([
    3,
    expect.stringMatching(/mine\.js, which is a program[\s\S]*--allow-plugins/),
  ]);
  expect(run("validate", "mine.yaml", "--conformance", "--allow-plugins").code).toBe(0);
  const sets = tinyRun("software", 2).slice(2);
  const trained = ["train", "mine.yaml", ...sets, "--set", "schedule={ kind: constant }", "--allow-plugins"];
  expect(run(...trained, "--set", "training.workers=2", "--out", "two").code).toBe(0);
  expect(run(...trained, "--set", "training.workers=1", "--out", "one").code).toBe(0);
  expect(readJson(join(cwd, "two"), "weights.json")).toEqual(readJson(join(cwd, "one"), "weights.json"));
  const { files } = readJson(join(cwd, "one"), "provenance.json");
  expect(files).toMatchObject([{ key: "plugins[0]", sha256: sha256(js!) }]);
  expect(run("evaluate", "one").code).toBe(3);
  expect(run("evaluate", "one", "--allow-plugins").code).toBe(0);
  appendFileSync(join(cwd, "mine.js"), "// changed\n");
  const more = run("train", "--resume", "one", "--epochs", "3", "--allow-plugins");
  expect([more.code, more.stderr]).toEqual([
    6,
    expect.stringMatching(/mine\.js \(plugins\[0\]\) does not hold/),
  ]);
}, 300_000);
