import { describe, expect, it } from "vitest";
import { distributions, histogram } from "../../src/figures/distributions.ts";
import { type GradientCheckData, gradientCheckFigure } from "../../src/figures/gradient-check.ts";
import { learningCurve } from "../../src/figures/learning-curve.ts";
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

  it("leaves out what is not finite, and has no ticks between epochs", async () => {
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
  const weights = [2.6, 3, 4, 6, 9];
  const data = (gradient: (weight: number) => number): GradientCheckData => ({
    title: "One spike",
    note: "",
    weightLabel: "weight",
    gradientLabel: "dL/dw (µs)",
    analytic: [
      { weight: 2, time: null, gradient: null },
      ...weights.map((weight) => ({ weight, time: 6 / weight, gradient: gradient(weight) })),
    ],
    times: [
      { name: "observed", points: weights.map((weight) => ({ weight, mean: 6 / weight, deviation: 0.1 })) },
    ],
    gradients: [
      {
        name: "exact",
        points: weights.map((weight) => ({ weight, mean: gradient(weight), deviation: 0.05 })),
      },
      { name: "silent", points: [{ weight: 2, mean: Number.NaN, deviation: Number.NaN }] },
    ],
  });

  it("draws every estimate with its bar, on a linear axis", async () => {
    const svg = await gradientCheckFigure(data((weight) => 1 - 6 / weight));
    expectSoundSvg(svg);
    expect(countOf(svg, /<circle[^>]* r="3.2"/g)).toBe(2 * weights.length);
    expect(textsOf(svg)).toEqual(expect.arrayContaining(["dL/dw (µs)", "weight", "exact", "silent"]));
  });

  it("shows the size of gradients of one sign over a wide range, and says so", async () => {
    const svg = await gradientCheckFigure(data((weight) => -((2.5 - weight) ** -2)));
    expectSoundSvg(svg);
    expect(textsOf(svg)).toContain("−dL/dw (µs)");
    expect(countOf(svg, /<circle[^>]* r="3.2"/g)).toBe(2 * weights.length);
  });

  it("counts what it does not show", async () => {
    const many = Array.from({ length: 100 }, (_, i) => ({
      weight: i,
      mean: i === 0 ? -1e6 : i / 100,
      deviation: 0,
    }));
    const svg = await gradientCheckFigure({
      ...data(() => 0),
      analytic: [],
      times: [],
      gradients: [{ name: "exact", points: many }],
    });
    expectSoundSvg(svg);
    expect(textsOf(svg).join("\n")).toMatch(/Gradient \(\d of 100 points outside\)/);
  });
});
