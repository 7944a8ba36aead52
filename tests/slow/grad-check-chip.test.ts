import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import type { NeuronCheck } from "../../src/gradcheck/single-neuron/check-neuron.ts";
import { eventprop } from "../cli/program.ts";
import { temporaryFolder } from "../engine/temporary-folder.ts";

// Calibrations that are not shipped are measured and stored here.
const folder = temporaryFolder();
const YIN_YANG = fileURLToPath(new URL("../../experiments/yin-yang.yaml", import.meta.url));

function neuron(seed: number): { readonly code: number | null; readonly check: NeuronCheck } {
  const args = [
    "grad-check",
    "single-neuron",
    "--chip",
    "simulated",
    "--chip-seed",
    String(seed),
    "--json",
    "-q",
  ];
  const { code, stdout } = eventprop(args, { cwd: folder, timeout: 300_000 });
  return { code, check: JSON.parse(stdout) as NeuronCheck };
}

describe.each([1, 2])("one neuron on calibrated chip %i, 100 trials", (seed) => {
  it("has a mean eventprop gradient near the analytic one", () => {
    const { code, check } = neuron(seed);
    expect(code).toBe(0);
    expect(check.trials).toBe(100);
    for (const { summary, rows, variants } of check.sweeps) {
      const found = (constants: string) =>
        summary.variants.find((one) => one.estimator === "eventprop" && one.constants === constants);
      // At the median over weights from 1.1 w_c up. Measured: 2.6 and 1.7 % on chip 1, 11 % at most on chip 2, whose neuron
      // keeps the scatter of real calibrations.
      expect(found("calibrated")?.median).toBeLessThan(0.15);
      expect(found("nominal")?.weights).toBeGreaterThanOrEqual(10);
      // Negative control: the published grid at 1 us is nowhere near.
      const grid = summary.variants.find(({ dt, constants }) => dt === 1 && constants === "calibrated");
      expect(grid?.median).toBeGreaterThan(0.3);
      // Trials differ, and all spike at twice the critical weight but for lost events.
      const strong = rows.filter(({ ratio }) => ratio >= 2);
      for (const row of strong) {
        expect(row.time?.deviation).toBeGreaterThan(0.01);
        expect(row.spiked).toBeGreaterThan(0.95);
      }
      expect(variants.map(({ estimator }) => estimator)).toContain("first-spike");
    }
  });
});

describe("an experiment on its chip", () => {
  it("has gradients that scatter from run to run and point the way of the software gradient", () => {
    const args = ["grad-check", YIN_YANG, "--chip", "--trials", "5", "--samples", "50", "--json", "-q"];
    const { code, stdout } = eventprop(args, { cwd: folder, timeout: 300_000 });
    expect(code).toBe(0);
    const { chip } = JSON.parse(stdout);
    expect(chip.runs).toBe(5);
    // First weights are drawn without regard to what a chip can hold; few are beyond it, or the file is a bad one.
    expect(chip.saturated).toBeLessThan(0.05 * chip.weights);
    const readout = chip.rows.find(
      (row: { estimator: string; projection: string }) =>
        row.estimator === "eventprop" && row.projection === "hidden>readout",
    );
    expect(readout.cosine).toBeGreaterThan(0.9);
    expect(readout.spread).toBeGreaterThan(0.01);
    expect(readout.spread).toBeLessThan(0.5);
  });

  it("counts the weights that the chip clips, and goes on: a count is a result", () => {
    // Five rows of ±63 words are some 5 model units on the calibrated chip, one row is 1: see quantize.ts.
    const rows = (sources: number, targets: number, weight: (k: number) => number): number[][] =>
      Array.from({ length: sources }, (_, s) =>
        Array.from({ length: targets }, (__, t) => weight(s * targets + t)),
      );
    const path = join(folder, "weights.json");
    const weights = {
      "input>hidden": rows(5, 120, (k) => (k < 7 ? 100 : 1)),
      "hidden>readout": rows(120, 3, (k) => (k < 4 ? -100 : 0.05)),
    };
    writeFileSync(path, JSON.stringify(weights));
    const args = ["grad-check", YIN_YANG, "--chip", "--trials", "1", "--samples", "2", "--weights", path];
    const { stdout } = eventprop([...args, "--estimators", "surrogate", "--json", "-q"], {
      cwd: folder,
      timeout: 300_000,
    });
    expect(JSON.parse(stdout).chip).toMatchObject({ saturated: 11, weights: 960 });
  });
});
