/** Arrays of a run on the ideal chip, and of what `evaluate --record` wrote of it. */

import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { parseCsv } from "../../src/core/csv-text.ts";
import { parseNpy } from "../../src/data/npy.ts";
import { unzipped } from "../../src/data/unpack.ts";
import { readMatrix } from "../../src/experiment/matrix-file.ts";
import { arrays } from "../../src/export/arrays.ts";
import { eventprop } from "../cli/program.ts";
import { refusal } from "../cli/refusal.ts";
import { readJson, tinyRun } from "../cli/tiny-runs.ts";
import { temporaryFolder } from "../engine/temporary-folder.ts";

const cwd = temporaryFolder();
const at = (...parts: string[]): string => join(cwd, ...parts);
const write = (folder: string, format: string, out: string) =>
  arrays.write({ folder: at(folder), format, out: at(out) });
const arraysOf = (file: string) =>
  new Map([...unzipped(readFileSync(at(file)), file)].map(([name, bytes]) => [name, parseNpy(bytes, name)]));

beforeAll(() => {
  expect(eventprop(tinyRun("ideal", 1, "--out", "run"), { cwd }).code).toBe(0);
  expect(eventprop(["evaluate", "run", "--record", "0-1", "--out", "seen"], { cwd }).code).toBe(0);
}, 60_000);

test("weights are those of weights.json, and the words of a weight add up to it", () => {
  const { code, stdout } = eventprop(["export", "run"], { cwd });
  expect([code, stdout]).toEqual([0, "run.npz\n"]);
  const found = arraysOf("run.npz");
  const weights = readJson(at("run"), "weights.json") as Record<string, number[][]>;
  expect([...found.keys()].sort()).toEqual(
    Object.keys(weights)
      .flatMap((name) => [`${name}.npy`, `${name}.words.npy`, `${name}.words_per_unit.npy`])
      .sort(),
  );
  for (const [name, matrix] of Object.entries(weights)) {
    expect(found.get(`${name}.npy`)!.shape).toEqual([matrix.length, matrix[0]!.length]);
    expect([...found.get(`${name}.npy`)!.values]).toEqual(matrix.flat());
    const { shape, values } = found.get(`${name}.words.npy`)!;
    const [scale] = found.get(`${name}.words_per_unit.npy`)!.values;
    const rows = shape[2]!;
    matrix.flat().forEach((weight, i) => {
      const total = values.subarray(i * rows, (i + 1) * rows).reduce((sum, word) => sum + word, 0);
      if (Math.abs(total) < 63 * rows) expect(Math.abs(total - weight * scale!)).toBeLessThanOrEqual(0.5);
    });
  }
});

test("an exported archive gives first weights to another experiment", async () => {
  await write("run", "npz", "weights.npz");
  const [name, matrix] = Object.entries(
    readJson(at("run"), "weights.json") as Record<string, number[][]>,
  )[0]!;
  const shape = { name, sources: matrix.length, targets: matrix[0]!.length };
  expect([...readMatrix(at("weights.npz"), shape)]).toEqual(matrix.flat());
});

test("recorded spikes and membranes, as archive, as files of numpy and as tables, are the same numbers", async () => {
  const [name] = readdirSync(at("seen"));
  const folder = join("seen", name!);
  for (const format of ["npz", "npy", "csv"])
    expect(eventprop(["export", folder, "--format", format, "--out", `seen-${format}`], { cwd }).code).toBe(
      0,
    );
  const { rows } = parseCsv(readFileSync(at(folder, "spikes.csv"), "utf8"), "spikes.csv");
  const hidden = rows
    .filter(({ cells }) => cells[1] === "hidden")
    .map(({ cells }) => [0, 2, 3].map((c) => Number(cells[c])));
  expect(hidden.length).toBeGreaterThan(0);
  const archive = arraysOf("seen-npz");
  expect(archive.get("hidden.spikes.npy")!.shape).toEqual([hidden.length, 3]);
  expect([...archive.get("hidden.spikes.npy")!.values]).toEqual(hidden.flat());
  expect([...archive.keys()].sort()).toEqual(readdirSync(at("seen-npy")).sort());
  for (const [file, { values }] of archive) {
    expect([...parseNpy(readFileSync(at("seen-npy", file)), file).values]).toEqual([...values]);
    const table = readFileSync(at("seen-csv", file.replace(/npy$/, "csv")), "utf8")
      .trimEnd()
      .split("\n");
    expect(table.slice(1).flatMap((line) => line.split(",").map(Number))).toEqual([...values]);
  }
});

test("tables of a run: a matrix without a header, words with one line per copy", async () => {
  await write("run", "csv", "tables");
  const weights = readJson(at("run"), "weights.json") as Record<string, number[][]>;
  const matrix = readFileSync(at("tables", "input_to_hidden.csv"), "utf8").trimEnd().split("\n");
  expect(matrix.map((line) => line.split(",").map(Number))).toEqual(weights["input>hidden"]);
  const words = readFileSync(at("tables", "input_to_hidden.words.csv"), "utf8").split("\n");
  expect(words[0]).toBe("source,target,copy,word");
  expect(words[1]).toMatch(/^0,0,0,-?\d+$/);
});

const python = spawnSync("python3", ["-c", "import numpy"]).status === 0;
test.skipIf(!python)("numpy reads the archive, and weights.json in one line", async () => {
  await write("run", "npz", "for-python.npz");
  const script = `
import json, numpy as np
arrays = np.load("for-python.npz")
weights = {name: np.array(rows) for name, rows in json.load(open("run/weights.json")).items()}
for name, matrix in weights.items():
    assert (arrays[name] == matrix).all() and arrays[name].dtype == np.float64
    words, scale = arrays[name + ".words"], arrays[name + ".words_per_unit"]
    assert words.dtype == np.int8 and scale.shape == ()
    assert abs(words.sum(axis=2) / scale - matrix).max() < 0.5 / scale + 1e-12
print(sorted(weights))`;
  const { status, stdout, stderr } = spawnSync("python3", ["-c", script], { cwd, encoding: "utf8" });
  expect([status, stderr]).toEqual([0, ""]);
  expect(stdout).toMatch(/'input>hidden'/);
});

test("what is not there, not known, or there already is said, and nothing is written", async () => {
  mkdirSync(at("empty"));
  writeFileSync(at("taken.npz"), "mine");
  expect((await refusal("export", at("empty"))).stderr).toMatch(/has no config\.yaml/);
  expect((await refusal("export", at("run"), "--for", "snntorch")).stderr).toMatch(/there are: arrays/);
  expect((await refusal("export", at("run"), "--format", "mat")).stderr).toMatch(/there are: npz, npy, csv/);
  const taken = await refusal("export", at("run"), "--out", at("taken.npz"));
  expect([taken.code, readFileSync(at("taken.npz"), "utf8")]).toEqual([6, "mine"]);
  const bad = at("bad");
  mkdirSync(bad);
  writeFileSync(join(bad, "spikes.csv"), "sample,population,neuron,time_us\n0,hidden,0,soon\n");
  const { code, stderr } = await refusal("export", bad, "--out", at("bad.npz"));
  expect(code).toBe(3);
  expect(stderr).toMatch(/spikes\.csv:2:12[\s\S]*soon/);
  expect(existsSync(at("bad.npz"))).toBe(false);
});
