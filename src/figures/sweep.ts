/** The runs of a sweep: every run as a dot beside the mean of its group, and paired differences with their intervals. */

import { COLORS, FAINT_INK, type Figure, INK, seriesColor } from "./figure.ts";

export interface GroupOfRuns {
  /** The setting, and what its runs share: `chip 2`. */
  readonly label: string;
  /** Groups of one setting have the same color. */
  readonly setting: number;
  readonly values: readonly number[];
  readonly mean: number | null;
  readonly sd: number | null;
}

export interface Difference {
  readonly label: string;
  readonly values: readonly number[];
  readonly mean: number;
  readonly interval: readonly [number, number] | null;
}

const ROW = 30;
const CHARACTER = 6.4;
const PLOT_WIDTH = 360;
const LONGEST = 60;

export function settingsFigure(
  title: string,
  note: string,
  axis: string,
  groups: readonly GroupOfRuns[],
  over: "seeds" | "chips" = "seeds",
): Figure {
  const dots = groups.flatMap(({ setting, values }, row) =>
    values.map((value) => ({ row, value, color: seriesColor(setting) })),
  );
  const means = groups.flatMap(({ mean, sd }, row) =>
    mean === null ? [] : [{ row, mean, low: mean - (sd ?? 0), high: mean + (sd ?? 0) }],
  );
  return {
    title,
    note,
    legend: [
      { label: "a run", color: COLORS.blue, mark: "dot" },
      { label: `mean ± standard deviation over ${over}`, color: INK, mark: "line" },
    ],
    ...rowsOf(groups.map(({ label }) => label)),
    panels: [
      {
        title: "",
        plot: (plot) => ({
          ...margins(groups.map(({ label }) => label)),
          x: { label: axis, labelAnchor: "center", labelArrow: "none", grid: true, nice: true, inset: 10 },
          y: rowAxis(groups.map(({ label }) => label)),
          color: { type: "identity" },
          marks: [
            plot.dot(dots, { x: "value", y: "row", fill: "color", fillOpacity: 0.65, r: 4 }),
            plot.ruleY(means, { y: "row", x1: "low", x2: "high", stroke: INK, strokeWidth: 1.5, dy: 9 }),
            plot.tickX(means, {
              x: "mean",
              y: "row",
              stroke: INK,
              strokeWidth: 2,
              insetTop: 3,
              insetBottom: 3,
            }),
          ],
        }),
      },
    ],
  };
}

export function differencesFigure(
  title: string,
  note: string,
  axis: string,
  all: readonly Difference[],
): Figure {
  const dots = all.flatMap(({ values }, row) => values.map((value) => ({ row, value })));
  const means = all.map(({ mean, interval }, row) => ({
    row,
    mean,
    low: interval?.[0] ?? mean,
    high: interval?.[1] ?? mean,
  }));
  return {
    title,
    note,
    legend: [
      { label: "a pair (same seed and chip)", color: COLORS.sky, mark: "dot" },
      { label: "mean and 95 % interval", color: INK, mark: "line" },
    ],
    ...rowsOf(all.map(({ label }) => label)),
    panels: [
      {
        title: "",
        plot: (plot) => ({
          ...margins(all.map(({ label }) => label)),
          x: { label: axis, labelAnchor: "center", labelArrow: "none", grid: true, nice: true, inset: 10 },
          y: rowAxis(all.map(({ label }) => label)),
          marks: [
            plot.ruleX([0], { stroke: FAINT_INK }),
            plot.dot(dots, { x: "value", y: "row", fill: COLORS.sky, fillOpacity: 0.8, r: 3.5, dy: -5 }),
            plot.ruleY(means, { y: "row", x1: "low", x2: "high", stroke: INK, strokeWidth: 1.5, dy: 6 }),
            plot.dot(means, { x: "mean", y: "row", fill: INK, r: 4, dy: 6 }),
          ],
        }),
      },
    ],
  };
}

function short(label: string): string {
  return label.length <= LONGEST ? label : `${label.slice(0, LONGEST - 1)}…`;
}

/** Rows are told by their place: two labels that are cut may read the same. */
function rowAxis(labels: readonly string[]) {
  return {
    type: "band",
    domain: labels.map((_, row) => row),
    tickFormat: (row: number) => short(labels[row] ?? ""),
    label: null,
  } as const;
}

function marginLeft(labels: readonly string[]): number {
  return 16 + Math.max(...labels.map((label) => short(label).length)) * CHARACTER;
}

function margins(labels: readonly string[]) {
  return { marginLeft: marginLeft(labels), marginBottom: 38, marginRight: 20 };
}

function rowsOf(labels: readonly string[]) {
  return {
    columns: 1,
    panelWidth: marginLeft(labels) + PLOT_WIDTH,
    panelHeight: 64 + ROW * labels.length,
  };
}
