/** Confusion matrix: a row per class that a sample has, a column per class that was predicted, counts in the cells. */

import { COLORS, type Figure, GROUND, INK } from "./figure.ts";

export interface Confusion {
  /** Of the rows, and of the columns; the last column may be "none". */
  readonly labels: readonly string[];
  readonly predictions: readonly string[];
  /** counts[label][prediction] */
  readonly counts: readonly (readonly number[])[];
}

const CELL = 64;
/** Room for names beside the matrix. */
const MARGIN = { left: 96, bottom: 48 };
const LONGEST_NAME = 14;

export function confusionFigure(
  title: string,
  note: string,
  { labels, predictions, counts }: Confusion,
): Figure {
  const total = (row: readonly number[]): number => row.reduce((sum, count) => sum + count, 0);
  const cells = counts.flatMap((row, i) =>
    row.map((count, j) => ({
      label: i,
      prediction: j,
      count,
      share: count / Math.max(1, total(row)),
    })),
  );
  const short = (name: string | undefined): string =>
    name === undefined ? "" : name.length > LONGEST_NAME ? `${name.slice(0, LONGEST_NAME - 1)}…` : name;
  return {
    title,
    note,
    columns: 1,
    panelWidth: MARGIN.left + CELL * predictions.length + 12,
    panelHeight: MARGIN.bottom + CELL * labels.length + 12,
    panels: [
      {
        title: "",
        plot: (plot) => ({
          marginLeft: MARGIN.left,
          marginBottom: MARGIN.bottom,
          marginTop: 6,
          marginRight: 6,
          x: {
            type: "band",
            domain: predictions.map((_, j) => j),
            label: "predicted",
            labelArrow: "none",
            labelAnchor: "center",
            tickFormat: (j: number) => short(predictions[j]),
            padding: 0.04,
          },
          y: {
            type: "band",
            domain: labels.map((_, i) => i),
            label: "class",
            labelArrow: "none",
            tickFormat: (i: number) => short(labels[i]),
            padding: 0.04,
          },
          marks: [
            plot.cell(cells, {
              x: "prediction",
              y: "label",
              fill: COLORS.blue,
              fillOpacity: ({ share }: { share: number }) => 0.04 + 0.96 * share,
            }),
            plot.text(cells, {
              x: "prediction",
              y: "label",
              text: ({ count }: { count: number }) => String(count),
              // White on dark cells: black on the full blue would hardly be seen.
              fill: ({ share }: { share: number }) => (share > 0.55 ? GROUND : INK),
              fontSize: 13,
            }),
          ],
          color: { type: "identity" },
          opacity: { type: "identity" },
        }),
      },
    ],
  };
}
