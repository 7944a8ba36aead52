import { describe, expect, it } from "vitest";
import { distributions, histogram } from "../../src/figures/distributions.ts";
import { figureToSvg } from "../../src/figures/figure.ts";
import { type GradientCheckData, gradientCheckFigure } from "../../src/figures/gradient-check.ts";
import { gradientPairsFigure } from "../../src/figures/gradient-pairs.ts";
import { learningCurve } from "../../src/figures/learning-curve.ts";
import { type ChipRow, realismFigure } from "../../src/figures/realism.ts";
import { countOf, expectSoundSvg, textsOf } from "./svg.ts";

describe("learning curve", () => {
  const points = [1, 2, 3].flatMap((epoch) =>
    ["train", "validation"].map((split) => ({ epoch, split, loss: 1 / epoch, accuracy: 1 - 0.5 / epoch })),
  );

  it("has a line per split and panel, a dot for a split with one row", async () => {
    const test = { epoch: 3, split: "test", loss: 0.3, accuracy: 0.9 };
    const svg = await learningCurve("run", [...points, test]);
    expectSoundSvg(svg);
    expect(countOf(svg, /aria-label="line"/g)).toBe(4);
    expect(countOf(svg, /<circle[^>]* r="4.5"/g)).toBe(2);
    for (const text of ["train", "validation", "test", "mean loss per sample", "correct samples (%)"]) {
      expect(textsOf(svg)).toContain(text);
    }
  });

  it("leaves out values that are not finite, and has no ticks between epochs", async () => {
    const svg = await learningCurve("run", [
      ...points,
      { epoch: 4, split: "train", loss: Number.NaN, accuracy: null },
    ]);
    expectSoundSvg(svg);
    const axes = [...svg.matchAll(/aria-label="x-axis tick label".*?<\/g>/gs)].map(([axis]) => textsOf(axis));
    expect(axes).toEqual([
      ["1", "2", "3", "4"],
      ["1", "2", "3", "4"],
    ]);
  });

  it("draws a run that stopped in its first epoch", async () => {
    expectSoundSvg(await learningCurve("run", points.slice(0, 1)));
  });
});

describe("distributions", () => {
  it("count every finite value once, those outside in the end bins", () => {
    const bins = histogram([-5, 0.01, 0.99, 7], 0, 1);
    expect(bins.reduce((sum, { count }) => sum + count, 0)).toBe(4);
    expect([bins[0]?.count, bins.at(-1)?.count]).toEqual([2, 2]);
  });

  it("has a panel per parameter, with its unit, also when nothing was measured", async () => {
    const svg = await distributions("Calibration", "512 neurons", [
      { parameter: "leak", unit: "LSB", target: 80, before: [70, 80, 95], after: [79, 80, Number.NaN] },
      { parameter: "tau_mem", unit: "µs", target: 6, before: [Number.NaN], after: [] },
    ]);
    expectSoundSvg(svg);
    for (const text of ["leak", "leak (LSB)", "tau_mem", "tau_mem (µs)", "after calibration"]) {
      expect(textsOf(svg)).toContain(text);
    }
  });
});

describe("gradient check", () => {
  const ratios = [1.02, 1.2, 1.5, 2, 4];
  const data = (mean: (ratio: number) => number): GradientCheckData => ({
    title: "One spike",
    note: "",
    time: { name: "observed", points: ratios.map((ratio) => ({ ratio, mean: 1, deviation: 0.1 })) },
    gradients: [
      { name: "exact", points: ratios.map((ratio) => ({ ratio, mean: mean(ratio), deviation: 0 })) },
      { name: "silent", points: [{ ratio: 2, mean: Number.NaN, deviation: Number.NaN }] },
    ],
  });

  it("has a panel per estimator, with every estimate in it", async () => {
    const svg = await gradientCheckFigure(data(() => 1));
    expectSoundSvg(svg);
    expect(countOf(svg, /<circle[^>]* r="3.2"/g)).toBe(2 * ratios.length);
    expect(textsOf(svg)).toEqual(expect.arrayContaining(["observed", "exact", "silent"]));
  });

  it("shows outliers at the edge, counts them, and lets them not set the scale", async () => {
    const [near, far] = [3, 1e9].map((outlier) =>
      gradientCheckFigure(data((ratio) => (ratio < 1.1 ? outlier : 1))),
    );
    const [svg, wild] = [(await near)!, (await far)!];
    expectSoundSvg(wild);
    expect(textsOf(wild)).toContain("exact (1 of 5 outside)");
    const ticks = (text: string) =>
      [...text.matchAll(/aria-label="y-axis tick label".*?<\/g>/gs)].map(([axis]) => axis);
    expect(ticks(wild)).toEqual(ticks(svg));
    const wrongSign = await gradientCheckFigure(data(() => -1));
    expect(textsOf(wrongSign)).toContain("exact (5 of 5 outside)");
  });
});

describe("gradients against central differences", () => {
  it("count what lies outside of a panel, infinite estimates included", async () => {
    const pair = (estimate: number) => ({ difference: 0.5, estimate });
    const figure = gradientPairsFigure(
      "gradients",
      "",
      ["first", "second"],
      [
        { name: "exact", projections: [[pair(0.5)], [pair(0.5), pair(0.5)]] },
        { name: "wild", projections: [[pair(-7)], [pair(Number.POSITIVE_INFINITY), pair(0.4)]] },
        { name: "silent", projections: [[], []] },
      ],
    );
    const svg = await figureToSvg(figure);
    expectSoundSvg(svg);
    expect(textsOf(svg)).toEqual(
      expect.arrayContaining(["exact", "wild (2 of 3 outside)", "silent", "first"]),
    );
  });
});

describe("realism of chips", () => {
  const row = (label: string, factor: number): ChipRow => ({
    label,
    scatter: [0.12 * factor, 0.14 * factor, Number.NaN],
    distances: [0.05 * factor, 0.2 * factor, 0.5 * factor],
    counts: [90 * factor, 80 * factor],
  });

  it("has a row per chip in three panels, names the values of the real chip, and leaves unknown values out", async () => {
    const svg = await figureToSvg(
      realismFigure("", "Missing and extra", [row("real chip", 1), row("simulated-1", 1.3)]),
    );
    expectSoundSvg(svg);
    expect(countOf(svg, /<circle[^>]* r="4.2"/g)).toBe(2 * (2 + 3 + 2));
    const texts = textsOf(svg);
    for (const text of ["output 1", "output 2", "median", "99 %", "missing", "extra"])
      expect(texts).toContain(text);
    expect(texts).not.toContain("output 3");
    expect(texts.filter((text) => text === "simulated-1")).toHaveLength(3);
  });
});
