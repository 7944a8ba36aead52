/** How far the neurons are spread around the calibration's target, before and after, in units of the tolerance. */

import { COLORS, FAINT_INK, type Figure, INK } from "./figure.ts";

export interface ParameterSpread {
  readonly parameter: string;
  /** Standard deviations over neurons, and what is accepted for one neuron, in the unit of the parameter. */
  readonly before: number;
  readonly after: number;
  readonly tolerance: number;
}

const ROW = 26;
/** Spreads below this share of the tolerance are drawn there. */
const SMALLEST = 1e-3;

export function calibrationQualityFigure(
  title: string,
  note: string,
  parameters: readonly ParameterSpread[],
): Figure {
  const ratio = (spread: number, tolerance: number): number => Math.max(SMALLEST, spread / tolerance);
  const rows = parameters
    .filter(({ before, after }) => Number.isFinite(before) && Number.isFinite(after))
    .map(({ parameter, before, after, tolerance }) => ({
      parameter,
      before: ratio(before, tolerance),
      after: ratio(after, tolerance),
    }));
  const both = rows.flatMap(({ before, after }) => [before, after]);
  const domain: [number, number] = [Math.min(0.05, ...both) / 1.5, 1.5 * Math.max(2, ...both)];
  return {
    title,
    note,
    legend: [
      { label: "before", color: COLORS.orange, mark: "dot" },
      { label: "after calibration", color: COLORS.blue, mark: "dot" },
      { label: "tolerance of one neuron", color: INK, mark: "dashes" },
    ],
    columns: 1,
    panelWidth: 520,
    panelHeight: 64 + ROW * rows.length,
    panels: [
      {
        title: "",
        plot: (plot) => ({
          marginLeft: 130,
          marginBottom: 38,
          x: {
            type: "log",
            domain,
            label: "standard deviation over neurons / tolerance",
            labelAnchor: "center",
            labelArrow: "none",
            ticks: [0.001, 0.01, 0.1, 1, 10, 100].filter((tick) => tick >= domain[0] && tick <= domain[1]),
            tickFormat: String,
            grid: true,
          },
          y: { type: "band", domain: rows.map(({ parameter }) => parameter), label: null },
          marks: [
            plot.ruleY(rows, { y: "parameter", x1: "before", x2: "after", stroke: FAINT_INK }),
            plot.ruleX([1], { stroke: INK, strokeDasharray: "4 3" }),
            plot.dot(rows, { y: "parameter", x: "before", fill: COLORS.orange, r: 4.5 }),
            plot.dot(rows, { y: "parameter", x: "after", fill: COLORS.blue, r: 4.5 }),
          ],
        }),
      },
    ],
  };
}
