/**
 * A real chip and simulated ones against the ideal model: how far output spikes are off, and how many appear or vanish.
 * One row per chip in three panels; dashed lines go on from the real chip's row, so that the others are read against it.
 */

import { COLORS, type Figure, INK, type Panel, seriesColor } from "./figure.ts";

/** Numbers of one chip, in the order of the kinds of their panel. */
export interface ChipRow {
  readonly label: string;
  /** Standard deviation of (chip − ideal) of each output, units of τ. */
  readonly scatter: readonly number[];
  /** |chip − ideal|: median, 90 % and 99 % quantile, units of τ. */
  readonly distances: readonly [median: number, p90: number, p99: number];
  /** Output spikes of the ideal model alone, and of the chip alone, scaled alike. */
  readonly counts: readonly [missing: number, extra: number];
}

const ROW = 30;
/** Of one panel; rows of all panels stand at the same heights. */
const MOST_KINDS = 3;
const CHARACTER = 6.4;

/** @param rows the real chip first */
export function realismFigure(note: string, counted: string, rows: readonly ChipRow[]): Figure {
  const labels = rows.map(({ label }) => label);
  const outputs = (rows[0]?.scatter ?? []).map((_, output) => `output ${output + 1}`);
  const panels = [
    panel(
      "Scatter of output spikes (τ)",
      outputs,
      labels,
      rows.map(({ scatter }) => scatter),
      false,
    ),
    panel(
      "|chip − ideal| (τ)",
      ["median", "90 %", "99 %"],
      labels,
      rows.map(({ distances }) => distances),
      true,
    ),
    panel(
      counted,
      ["missing", "extra"],
      labels,
      rows.map(({ counts }) => counts),
      false,
    ),
  ];
  return {
    title: "Simulated chips against a real one",
    note,
    legend: [{ label: "the real chip", color: INK, mark: "dashes" }],
    columns: 3,
    panelWidth: 250 + marginLeft(labels),
    panelHeight: 84 + ROW * rows.length,
    panels,
  };
}

function panel(
  title: string,
  kinds: readonly string[],
  labels: readonly string[],
  values: readonly (readonly number[])[],
  logarithmic: boolean,
): Panel {
  const color = (kind: number): string => seriesColor(kind);
  const dots = values.flatMap((row, at) =>
    row
      .map((value, kind) => ({ row: at, value, color: color(kind) }))
      .filter(({ value }) => Number.isFinite(value)),
  );
  const real = dots.filter(({ row }) => row === 0);
  // Names stand above the dots of the real chip; where dots are close, one below the other.
  const names = real.map(({ value, color: fill }, kind) => ({ value, fill, name: kinds[kind] }));
  return {
    title,
    plot: (plot) => ({
      marginLeft: marginLeft(labels),
      marginBottom: 34,
      marginTop: 16 + 12 * MOST_KINDS,
      marginRight: 24,
      x: logarithmic
        ? {
            type: "log",
            label: null,
            grid: true,
            tickFormat: String,
            ticks: [0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5],
            nice: true,
          }
        : { label: null, grid: true, nice: true, zero: true, ticks: 5 },
      y: {
        type: "band",
        domain: labels.map((_, row) => row),
        tickFormat: (row: number) => labels[row] ?? "",
        label: null,
      },
      color: { type: "identity" },
      marks: [
        plot.ruleX(real, { x: "value", stroke: "color", strokeDasharray: "4 3", strokeOpacity: 0.7 }),
        plot.dot(dots, {
          x: "value",
          y: "row",
          fill: "color",
          stroke: COLORS.black,
          strokeWidth: 0.3,
          r: 4.2,
        }),
        ...names.map(({ value, fill, name }, kind) =>
          plot.text([{ value, name }], {
            x: "value",
            text: "name",
            frameAnchor: "top",
            dy: -6 - 12 * (names.length - 1 - kind),
            lineAnchor: "bottom",
            fill,
          }),
        ),
      ],
    }),
  };
}

function marginLeft(labels: readonly string[]): number {
  return 16 + Math.max(...labels.map(({ length }) => length)) * CHARACTER;
}
