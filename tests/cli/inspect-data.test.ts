import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { loadData } from "../../src/experiment/load-data.ts";
import { eventprop } from "./program.ts";

const folder = mkdtempSync(join(tmpdir(), "eventprop-inspect-"));
afterAll(() => rmSync(folder, { recursive: true }));
const write = (name: string, text: string): void => writeFileSync(join(folder, name), text);

/** Ten rows: width 0 … 9 of two kinds of wine; semicolons and decimal commas. */
write(
  "wine.csv",
  `width;kind\n${Array.from({ length: 10 }, (_, i) => `${i},5;${i % 2 === 0 ? "red" : "white"}`).join("\n")}\n`,
);
const WINE = ["--set", "data.label=kind", "--set", "data.validation=0", "--set", "data.test=0"];

test("inspect data shows classes, ranges, spikes per sample and a raster of a data file, and writes a picture", () => {
  const shown = eventprop(["inspect", "data", "wine.csv", ...WINE, "--svg", "wine.svg"], { cwd: folder });
  expect(shown.stdout).toContain(
    "table: 10 samples for training, 0 for validation, 0 for testing; 2 classes",
  );
  expect(shown.stdout).toMatch(/^red +5 +0 +0$/m);
  expect(shown.stdout).toMatch(/^ +0 +0 +0\.5 +1$/m);
  expect(shown.stdout).toContain("Spikes per training sample: 1 (1 to 1); 0 samples without any");
  expect(shown.stdout).toMatch(/^0 \| *·\|$/m);
  expect(shown.code).toBe(0);
  const svg = readFileSync(join(folder, "wine.svg"), "utf8");
  expect(svg).toContain("class white");
  const again = eventprop(["inspect", "data", "wine.csv", ...WINE, "--svg", "wine.svg"], { cwd: folder });
  expect(again.code).toBe(6);
  expect(readFileSync(join(folder, "wine.svg"), "utf8")).toBe(svg);
});

test("it reads an experiment that has no network yet, and points at the line that is wrong", () => {
  write("mine.yaml", "data: { kind: table, path: wine.csv, label: kind }\nencoding: { kind: rate }\n");
  const { encoder, encoding } = loadData("mine.yaml", { folder });
  expect(encoding.kind).toBe("rate");
  expect(encoder.inputs).toBe(1);
  write("wrong.yaml", "name: wrong\ndata: { kind: table, path: wine.csv, label: kid }\n");
  expect(() => loadData("wrong.yaml", { folder })).toThrow(
    expect.objectContaining({ where: expect.objectContaining({ line: 2 }), hint: 'did you mean "kind"?' }),
  );
});

test("kinds are recognized: recorded spikes by the names of their columns, and what is not known is said", () => {
  const rows = [0, 1, 2, 3, 4, 5].map((sample) => `${sample},${sample % 3},${sample}.5,${sample % 2}`);
  write("spikes.csv", `sample,source,time_us,label\n${rows.join("\n")}\n`);
  expect(loadData("spikes.csv", { folder }).dataConfig.kind).toBe("events-csv");
  expect(loadData("spikes.csv", { folder }).encoding.kind).toBe("events");
  write("spikes.bin", "x");
  expect(() => loadData("spikes.bin", { folder })).toThrow(/cannot be seen from its name/);
  expect(() => loadData(".", { folder })).toThrow(/folder without train-images/);
  expect(() => loadData("nowhere.csv", { folder })).toThrow(/there is no such file/);
});
