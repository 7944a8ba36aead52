/**
 * One neuron against the closed form: spike time and gradient divided by the analytic ones, over weights relative to the
 * critical weight, below which the neuron does not spike. One panel per estimator, all with the same axes, so that no
 * outlier sets the scale: what lies outside stands as a triangle at the edge.
 */

import { COLORS, FAINT_INK, type Figure, figureToSvg, INK, type Panel, seriesColor } from "./figure.ts";

/** Over trials, divided by the closed form at this weight; `deviation` 0 draws no bar. */
export interface Quotient {
  /** Weight over critical weight, more than 1 where the closed form has a spike. */
  readonly ratio: number;
  readonly mean: number;
  readonly deviation: number;
}

export interface QuotientSeries {
  readonly name: string;
  readonly points: readonly Quotient[];
}

export interface GradientCheckData {
  readonly title: string;
  readonly note: string;
  readonly time: QuotientSeries;
  readonly gradients: readonly QuotientSeries[];
}

export function gradientCheckFigure(data: GradientCheckData): Promise<string> {
  return figureToSvg(gradientCheck(data));
}

export function gradientCheck({ title, note, time, gradients }: GradientCheckData): Figure {
  const all = [time, ...gradients].flatMap(({ points }) => points.map(({ ratio }) => ratio));
  const weights: [number, number] = [Math.min(1, ...all), Math.max(2, ...all) * 1.05];
  return {
    title,
    note,
    legend: [
      { label: "closed form", color: INK, mark: "dashes" },
      { label: "mean ± standard deviation over trials", color: COLORS.blue, mark: "dot" },
    ],
    columns: 3,
    panelWidth: 300,
    panelHeight: 220,
    panels: [
      panel(time, "spike time / closed form", weights, INK),
      ...gradients.map((series, i) => panel(series, "gradient / closed form", weights, seriesColor(i))),
    ],
  };
}

/** Of the quotient, on a logarithmic axis. */
const LOW = 0.1;
const HIGH = 10;

function panel(
  series: QuotientSeries,
  label: string,
  weights: readonly [number, number],
  color: string,
): Panel {
  const points = series.points.filter(({ mean }) => Number.isFinite(mean));
  const inside = points.filter(({ mean }) => mean >= LOW && mean <= HIGH);
  const outside = points
    .filter(({ mean }) => mean < LOW || mean > HIGH)
    .map(({ ratio, mean }) => ({ ratio, edge: mean > HIGH ? HIGH : LOW, up: mean > HIGH }));
  const bars = inside
    .filter(({ deviation }) => deviation > 0)
    .map(({ ratio, mean, deviation }) => ({
      ratio,
      from: Math.max(LOW, mean - deviation),
      to: Math.min(HIGH, mean + deviation),
    }));
  const count = outside.length === 0 ? "" : ` (${outside.length} of ${points.length} outside)`;
  return {
    title: `${series.name}${count}`,
    plot: (plot) => ({
      marginLeft: 46,
      marginBottom: 38,
      x: {
        type: "log",
        domain: [...weights],
        ticks: [1, 1.5, 2, 3, 5, 10].filter((tick) => tick >= weights[0] && tick <= weights[1]),
        tickFormat: String,
        label: "weight / critical weight",
        labelAnchor: "center",
        labelArrow: "none",
      },
      y: {
        type: "log",
        domain: [LOW, HIGH],
        ticks: [0.1, 0.2, 0.5, 1, 2, 5, 10],
        tickFormat: String,
        label,
        labelAnchor: "top",
        labelArrow: "none",
        grid: true,
      },
      marks: [
        plot.frame({ stroke: FAINT_INK, strokeOpacity: 0.4 }),
        plot.ruleY([1], { stroke: INK, strokeDasharray: "4 3" }),
        plot.ruleX(bars, { x: "ratio", y1: "from", y2: "to", stroke: color, strokeWidth: 1.2 }),
        plot.dot(inside, { x: "ratio", y: "mean", fill: color, stroke: "white", strokeWidth: 0.6, r: 3.2 }),
        plot.dot(outside, {
          x: "ratio",
          y: "edge",
          symbol: "triangle",
          rotate: ({ up }: { up: boolean }) => (up ? 0 : 180),
          dy: 0,
          fill: color,
          r: 4,
        }),
      ],
    }),
  };
}
