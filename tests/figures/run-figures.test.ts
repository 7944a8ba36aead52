import { describe, expect, it } from "vitest";
import { calibrationQualityFigure } from "../../src/figures/calibration-quality.ts";
import { classMapFigure, firstSpikeMapFigure } from "../../src/figures/class-map.ts";
import { classRastersFigure } from "../../src/figures/class-rasters.ts";
import { confusionFigure } from "../../src/figures/confusion.ts";
import { type Figure, figurePanels, figureToSvg } from "../../src/figures/figure.ts";
import { idealDifferenceFigure } from "../../src/figures/ideal-difference.ts";
import { activityFigure } from "../../src/figures/learning-curve.ts";
import { membraneAdjointFigure } from "../../src/figures/membrane-adjoint.ts";
import { membraneFigure, rasterFigure } from "../../src/figures/recordings.ts";
import { spikeHistogramsFigure } from "../../src/figures/spike-histograms.ts";
import { differencesFigure, settingsFigure } from "../../src/figures/sweep.ts";
import { weightsFigure } from "../../src/figures/weights.ts";
import { countOf, expectSoundSvg, textsOf } from "./svg.ts";

const HOSTILE = `<script>alert("x")</script> & 'y'`;

const spikes = [0, 1, 2].map((neuron) => ({ population: HOSTILE, neuron, time: 3 * neuron }));
const voltages = Array.from({ length: 80 }, (_, i) => ({
  population: HOSTILE,
  neuron: i % 8,
  time: Math.floor(i / 8),
  voltage: Math.sin(i) * (i % 8),
}));

const FIGURES: Readonly<Record<string, Figure>> = {
  activity: activityFigure(
    HOSTILE,
    [1, 2].map((epoch) => ({
      epoch,
      split: "train",
      learning_rate: 0.1 / epoch,
      spikes_per_sample: 3,
      silent_neurons: 5,
      saturated_weights: 1,
      capped_jumps: null,
    })),
    { spikingNeurons: 10, weights: 50 },
  ),
  confusion: confusionFigure(HOSTILE, HOSTILE, {
    labels: [HOSTILE, "b"],
    predictions: [HOSTILE, "b", "none"],
    counts: [
      [9, 1, 0],
      [0, 0, 0],
    ],
  }),
  "class map": classMapFigure(
    HOSTILE,
    "",
    [HOSTILE, "b"],
    [
      { x: 0, y: 1, label: 0, prediction: 0 },
      { x: 0.5, y: 0.5, label: 1, prediction: -1 },
    ],
  ),
  "first spike map": firstSpikeMapFigure(HOSTILE, "", [
    { x: 0, y: 1, time: 3 },
    { x: 0.5, y: 0.5, time: null },
    { x: 0.7, y: 0.5, time: 9 },
  ]),
  "class rasters": classRastersFigure(
    HOSTILE,
    "",
    [
      { name: "input", size: 2 },
      { name: HOSTILE, size: 300 },
    ],
    30,
    [
      {
        title: HOSTILE,
        spikes: [
          [0, 1, 2.5],
          [1, 299, 29],
        ],
      },
    ],
  ),
  "membrane and adjoint": membraneAdjointFigure(
    HOSTILE,
    "",
    30,
    {
      spikes: [5],
      voltages: [
        [0, 0.1],
        [30, 0.9],
      ],
      threshold: 0.95,
      adjoint: [
        [1, 0.1, -0.2],
        [29, 0, 0],
      ],
    },
    true,
  ),
  "membrane alone": membraneAdjointFigure(
    HOSTILE,
    "",
    30,
    { spikes: [], voltages: [], threshold: null },
    false,
  ),
  "spike histograms": spikeHistogramsFigure(HOSTILE, "", 30, 10, [
    { name: HOSTILE, neurons: 3, spikeTimes: [0, 5], rates: [3, 0], largestRate: 0 },
  ]),
  "ideal difference": idealDifferenceFigure(HOSTILE, "", 10, [
    { population: HOSTILE, both: 5, gained: 0, lost: 1 },
  ]),
  weights: weightsFigure(HOSTILE, "", "word", [
    { name: HOSTILE, values: [-63, -1, 0, 1, 63, 63], limit: { size: 63, atLimit: 3 } },
  ]),
  "float weights": weightsFigure("t", "", "weight", [{ name: "a>b", values: [0, 0, 0] }]),
  calibration: calibrationQualityFigure(HOSTILE, "", [
    { parameter: HOSTILE, before: 10, after: 0, tolerance: 2 },
    { parameter: "b", before: Number.NaN, after: Number.NaN, tolerance: 2 },
  ]),
  raster: rasterFigure(HOSTILE, "", spikes),
  "raster of nothing": rasterFigure("t", "", []),
  membrane: membraneFigure(HOSTILE, "", voltages, spikes),
  settings: settingsFigure(HOSTILE, "", "testAccuracy (%)", [
    { label: HOSTILE, setting: 0, values: [90, 91], mean: 90.5, sd: 0.7 },
    { label: "failed", setting: 1, values: [], mean: null, sd: null },
  ]),
  differences: differencesFigure(HOSTILE, "", "difference", [
    { label: HOSTILE, values: [1, 2], mean: 1.5, interval: null },
    { label: "b", values: [1, 2, 3, 4, 5], mean: 3, interval: [1, 5] },
  ]),
};

describe.each(Object.entries(FIGURES))("%s", (name, figure) => {
  it("is sound, in one document and panel by panel, and keeps hostile names as text", async () => {
    if (figure.panels.length === 0) {
      expect(name).toBe("raster of nothing");
      return;
    }
    for (const svg of [await figureToSvg(figure), ...(await figurePanels(figure))]) {
      expectSoundSvg(svg);
      expect(svg).not.toContain("<script");
    }
  });
});

describe("what figures show", () => {
  it("counts in every cell of a confusion, a ring for each wrong sample", async () => {
    const confusion = await figureToSvg(FIGURES["confusion"]!);
    expect(textsOf(confusion)).toEqual(expect.arrayContaining(["9", "1", "0"]));
    const map = await figureToSvg(FIGURES["class map"]!);
    expect(countOf(map, /<circle[^>]* r="4.6"/g)).toBe(1);
  });

  it("a bar per word that occurs, and how many are at the limit", async () => {
    const svg = await figureToSvg(FIGURES["weights"]!);
    expect(textsOf(svg).join("\n")).toMatch(/3 of 6 at the limit/);
  });

  it("a row per setting, also where long labels begin with the same words", async () => {
    const label = "x".repeat(100);
    const groups = ["1", "2"].map((end, setting) => ({
      label: label + end,
      setting,
      values: [1],
      mean: 1,
      sd: 0.1,
    }));
    const svg = await figureToSvg(settingsFigure("t", "", "a", groups));
    expect(textsOf(svg).filter((text) => text.startsWith("xxx")).length).toBe(2);
  });
});

it("the activity of a run shows saturated weights of the training alone, which counts them", async () => {
  const row = (split: string, epoch: number, saturated: number) => ({
    epoch,
    split,
    learning_rate: null,
    spikes_per_sample: null,
    silent_neurons: null,
    saturated_weights: saturated,
    capped_jumps: null,
  });
  const rows = [1, 2].flatMap((epoch) => [row("train", epoch, 3 * epoch), row("validation", epoch, 0)]);
  const svg = await figureToSvg(activityFigure("a", rows, { spikingNeurons: 4, weights: 60 }));
  expect(countOf(svg, /aria-label="line"/g)).toBe(1);
});
