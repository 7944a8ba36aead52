import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { loadExperiment, nameOfFile } from "../../src/experiment/load.ts";
import { shippedExperiments } from "../../src/experiment/shipped.ts";
import { eventprop } from "./program.ts";

const folder = mkdtempSync(join(tmpdir(), "eventprop-init-"));
afterAll(() => rmSync(folder, { recursive: true }));

test("without a name it lists the shipped experiments, each with a sentence", () => {
  for (const { name, summary } of shippedExperiments()) {
    expect(name).toMatch(/^[a-z-]+$/);
    expect(summary.length).toBeGreaterThan(10);
  }
});

test("copies an experiment with its bases, overwrites nothing, and the copy is valid", () => {
  const made = eventprop(["init", "smoke", "--json"], { cwd: folder });
  expect(made.code).toBe(0);
  expect(JSON.parse(made.stdout).files).toEqual(["smoke.yaml", "yin-yang.yaml", "experiment.schema.json"]);
  expect(readdirSync(folder).sort()).toEqual(["experiment.schema.json", "smoke.yaml", "yin-yang.yaml"]);
  expect(loadExperiment("smoke.yaml", { folder }).experiment.name).toBe("smoke");
  expect(readFileSync(join(folder, "smoke.yaml"), "utf8")).toContain("$schema=experiment.schema.json");
  const again = eventprop(["init", "smoke"], { cwd: folder });
  expect(again.code).toBe(6);
  expect(again.stderr).toMatch(/smoke\.yaml exists already, nothing was written/);
});

test("the data that lie beside an experiment are copied with it", () => {
  const made = eventprop(["init", "iris", "--json", "--out", "flowers"], { cwd: folder });
  expect(JSON.parse(made.stdout).files).toContain(join("flowers", "iris.csv"));
  const { components } = loadExperiment("flowers/iris.yaml", { folder });
  expect(components.data.train.classNames).toEqual(["setosa", "versicolor", "virginica"]);
});

test("a shipped experiment is found by its name from any folder, after one's own file", () => {
  expect(loadExperiment("yin-yang-software", { folder: tmpdir() }).experiment.chip.kind).toBe("software");
  expect(() => loadExperiment("yin-yang-sofware", { folder: tmpdir() })).toThrow(/there is no such file/);
});

test("names of files become names of runs, whatever letters they have", () => {
  expect(["größte Netze.yaml", "a b.yml", "ÄÖ.yaml", "网络.yaml", "_x.yaml"].map(nameOfFile)).toEqual([
    "grosste-Netze",
    "a-b",
    "AO",
    "experiment",
    "x",
  ]);
});
