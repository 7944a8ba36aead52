import { describe, expect, it } from "vitest";
import { figureToSvg, plotToSvg } from "../../src/figures/figure.ts";
import { countOf, expectSoundSvg, textsOf } from "./svg.ts";

const panel = (title: string) => ({
  title,
  plot: (plot: typeof import("@observablehq/plot")) => ({
    x: { label: "time (µs)" },
    marks: [
      plot.dot(
        [1, 2, 3].map((x) => ({ x, y: x })),
        { x: "x", y: "y" },
      ),
    ],
  }),
});

describe("plotToSvg", () => {
  it("is a complete document of the asked size", async () => {
    const svg = await plotToSvg(panel("").plot, 300, 200);
    expectSoundSvg(svg);
    expect(svg).toMatch(/viewBox="0 0 300 200"/);
    expect(svg).not.toMatch(/<style/);
    expect(countOf(svg, /<circle/g)).toBe(3);
  });
});

describe("figureToSvg", () => {
  it("lays panels out in rows, on a light ground, with title, note and legend", async () => {
    const svg = await figureToSvg({
      title: "A < B & C",
      note: "three panels",
      legend: [
        { label: "line", color: "#123456", mark: "line" },
        { label: "ring", color: "#abcdef", mark: "ring" },
      ],
      panels: ["one", "two", "three"].map(panel),
      columns: 2,
      panelWidth: 200,
      panelHeight: 100,
    });
    expectSoundSvg(svg);
    expect(svg).toMatch(/<rect [^>]*fill="#ffffff"/);
    for (const text of ["A &lt; B &amp; C", "three panels", "line", "ring", "one", "two", "three"]) {
      expect(textsOf(svg)).toContain(text);
    }
    const corners = [...svg.matchAll(/<svg x="(\d+)" y="(\d+)"/g)].map(([, x, y]) => [Number(x), Number(y)]);
    expect(corners.length).toBe(3);
    expect(corners[1]![1]).toBe(corners[0]![1]);
    expect(corners[1]![0]!).toBeGreaterThanOrEqual(corners[0]![0]! + 200);
    expect(corners[2]![0]).toBe(corners[0]![0]);
    expect(corners[2]![1]!).toBeGreaterThanOrEqual(corners[0]![1]! + 100);
  });

  it("wraps a legend that is wider than the figure", async () => {
    const svg = await figureToSvg({
      title: "t",
      legend: Array.from({ length: 8 }, (_, i) => ({
        label: `a long series name ${i}`,
        color: "#000000",
        mark: "dot" as const,
      })),
      panels: [panel("one")],
      columns: 1,
      panelWidth: 300,
      panelHeight: 100,
    });
    const marks = [...svg.matchAll(/<circle cx="(\d+\.?\d*)" cy="(\d+)" r="4" /g)];
    expect(marks.length).toBe(8);
    expect(new Set(marks.map((match) => match[2])).size).toBeGreaterThan(1);
    for (const [, x] of marks) expect(Number(x)).toBeLessThan(332);
  });
});
