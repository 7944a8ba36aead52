/** Samples with two features in the plane, in the color of the predicted class; a ring around those that are wrong. */

import type { Figure, LegendEntry } from "./figure.ts";
import { FAINT_INK, INK, seriesColour } from "./palette.ts";

export interface ClassifiedSample {
  readonly x: number;
  readonly y: number;
  /** Index of the class; −1 for a sample without a prediction. */
  readonly label: number;
  readonly prediction: number;
}

const SIDE = 420;

export function classMapFigure(
  title: string,
  note: string,
  classes: readonly string[],
  samples: readonly ClassifiedSample[],
): Figure {
  const colour = (prediction: number): string => (prediction < 0 ? FAINT_INK : seriesColour(prediction));
  const legend: LegendEntry[] = [
    ...classes.map((label, i): LegendEntry => ({ label, colour: colour(i), mark: "dot" })),
    { label: "wrong", colour: INK, mark: "ring" },
  ];
  const wrong = samples.filter(({ label, prediction }) => label !== prediction);
  const axis = { domain: [0, 1], labelArrow: "none", ticks: 5 } as const;
  return {
    title,
    note,
    legend,
    columns: 1,
    panelWidth: SIDE,
    panelHeight: SIDE,
    panels: [
      {
        title: "",
        plot: (plot) => ({
          marginLeft: 44,
          marginBottom: 40,
          marginRight: 12,
          x: { ...axis, label: "first feature", labelAnchor: "center" },
          y: { ...axis, label: "second feature", labelAnchor: "top" },
          color: { type: "identity" },
          marks: [
            plot.dot(samples, {
              x: "x",
              y: "y",
              r: 2.4,
              fill: ({ prediction }: ClassifiedSample) => colour(prediction),
            }),
            plot.dot(wrong, { x: "x", y: "y", r: 4.6, stroke: INK, strokeWidth: 1 }),
          ],
        }),
      },
    ],
  };
}
