/**
 * Spike time and gradient of one neuron against its weight: the analytic curve, and what was observed and
 * estimated, as mean and standard deviation over trials. Two panels, as in the paper's Figures 4 and 5.
 */

import type { Markish } from "@observablehq/plot";
import { figureToSvg, type LegendEntry, type Panel, type PlotLibrary } from "./figure.ts";
import { FAINT_INK, INK, seriesColour } from "./palette.ts";

/** Mean and standard deviation over trials; `deviation` 0 draws no bar. */
export interface Estimate {
  readonly weight: number;
  readonly mean: number;
  readonly deviation: number;
}

export interface EstimateSeries {
  readonly name: string;
  readonly points: readonly Estimate[];
}

export interface GradientCheckData {
  readonly title: string;
  readonly note: string;
  /** `"weight (6-bit units)"` */
  readonly weightLabel: string;
  /** `"dL/dw (us per unit)"` */
  readonly gradientLabel: string;
  /** In ascending weight; null where the neuron does not spike. */
  readonly analytic: readonly {
    readonly weight: number;
    readonly time: number | null;
    readonly gradient: number | null;
  }[];
  readonly times: readonly EstimateSeries[];
  readonly gradients: readonly EstimateSeries[];
}

type Point = { readonly weight: number; readonly value: number };

export function gradientCheckFigure(data: GradientCheckData): Promise<string> {
  const names = [...new Set([...data.times, ...data.gradients].map((series) => series.name))];
  const colours = new Map(names.map((name, i) => [name, seriesColour(i)]));
  const legend: LegendEntry[] = [
    { label: "analytic", colour: INK, mark: "line" },
    ...names.map((name): LegendEntry => ({ label: name, colour: colours.get(name) as string, mark: "dot" })),
  ];
  const curve = (read: (row: GradientCheckData["analytic"][number]) => number | null): Point[] =>
    data.analytic.flatMap((row) => {
      const value = read(row);
      return value !== null && Number.isFinite(value) ? [{ weight: row.weight, value }] : [];
    });
  const { weightLabel, gradientLabel } = data;
  const timeLabel = "spike time (µs)";
  return figureToSvg({
    title: data.title,
    note: data.note,
    legend,
    columns: 2,
    panelWidth: 440,
    panelHeight: 320,
    panels: [
      panel(
        "Spike time",
        weightLabel,
        timeLabel,
        curve((row) => row.time),
        data.times,
        colours,
      ),
      panel(
        "Gradient",
        weightLabel,
        gradientLabel,
        curve((row) => row.gradient),
        data.gradients,
        colours,
      ),
    ],
  });
}

function panel(
  title: string,
  weightLabel: string,
  valueLabel: string,
  analytic: readonly Point[],
  seriesList: readonly EstimateSeries[],
  colours: ReadonlyMap<string, string>,
): Panel {
  const estimates = seriesList.flatMap((series) => series.points).filter(({ mean }) => Number.isFinite(mean));
  const axis = valueAxis(
    [...analytic.map(({ value }) => value), ...estimates.map(({ mean }) => mean)],
    estimates.flatMap(({ mean, deviation }) => [mean - deviation, mean + deviation]),
  );
  const { sign, low, high } = axis;
  const inside = (value: number): boolean => sign * value >= low && sign * value <= high;
  const outside = estimates.filter(({ mean }) => !inside(mean)).length;
  return {
    title: outside === 0 ? title : `${title} (${outside} of ${estimates.length} points outside)`,
    plot: (plot) => ({
      marginLeft: 58,
      marginBottom: 40,
      x: { label: weightLabel, labelAnchor: "center", labelArrow: "none", nice: true },
      y: {
        label: sign < 0 ? `−${valueLabel}` : valueLabel,
        labelAnchor: "top",
        labelArrow: "none",
        grid: true,
        type: axis.type,
        domain: [low, high],
        ...(axis.type === "log" ? { ticks: decadeTicks(low, high), tickFormat: String } : {}),
      },
      marks: [
        plot.frame({ stroke: FAINT_INK, strokeOpacity: 0.4 }),
        plot.line(
          analytic.filter(({ value }) => inside(value)),
          { x: "weight", y: ({ value }: Point) => sign * value, stroke: INK, strokeWidth: 1.5 },
        ),
        seriesList.map(({ name, points }, i) =>
          drawSeries(
            plot,
            points.filter(({ mean }) => inside(mean)),
            axis,
            colours.get(name) as string,
            (i - (seriesList.length - 1) / 2) * SIDE_STEP,
          ),
        ),
      ],
    }),
  };
}

/** Series at the same weight stand side by side, this many pixels apart, in the order of the legend. */
const SIDE_STEP = 5;

function drawSeries(
  plot: PlotLibrary,
  points: readonly Estimate[],
  { sign, low, high }: ValueAxis,
  colour: string,
  dx: number,
): Markish[] {
  const bars = points
    .filter(({ deviation }) => deviation > 0)
    .map(({ weight, mean, deviation }) => ({
      weight,
      from: Math.max(low, sign * mean - deviation),
      to: Math.min(high, sign * mean + deviation),
    }));
  const value = ({ mean }: Estimate): number => sign * mean;
  return [
    plot.ruleX(bars, { x: "weight", y1: "from", y2: "to", stroke: colour, strokeWidth: 1.2, dx }),
    plot.dot(points, { x: "weight", y: value, fill: colour, stroke: "white", strokeWidth: 0.6, r: 3.2, dx }),
  ];
}

/** What the value axis shows: sign · value from `low` to `high`. */
interface ValueAxis {
  readonly type: "linear" | "log";
  readonly sign: 1 | -1;
  readonly low: number;
  readonly high: number;
}

/** Values of one sign that span more than this factor are shown on a logarithmic axis. */
const LOG_FROM = 20;
/** Gradients diverge at the smallest weights: this share of the values on each side may fall outside … */
const TRIMMED = 0.03;
/** … when all values together span more than this many times the range of the others. */
const TRIM_FROM = 3;

/** Axis for `values`; ends of error bars widen a linear axis, but do not decide on its kind. */
function valueAxis(values: readonly number[], barEnds: readonly number[]): ValueAxis {
  const finite = values.filter(Number.isFinite);
  if (finite.length === 0) return { type: "linear", sign: 1, low: 0, high: 1 };
  const sign = finite.every((value) => value < 0) ? -1 : 1;
  const sizes = finite.map((value) => sign * value);
  const [smallest, largest] = [Math.min(...sizes), Math.max(...sizes)];
  if (smallest > 0 && largest / smallest > LOG_FROM) {
    return { type: "log", sign, low: smallest / 1.4, high: largest * 1.4 };
  }
  const sorted = [...finite, ...barEnds.filter(Number.isFinite)].sort((a, b) => a - b);
  const cut = (skip: number): [number, number] => [sorted[skip]!, sorted[sorted.length - 1 - skip]!];
  const [full, trimmed] = [cut(0), cut(Math.floor(TRIMMED * sorted.length))];
  const [low, high] = full[1] - full[0] > TRIM_FROM * (trimmed[1] - trimmed[0]) ? trimmed : full;
  const margin = 0.06 * (high - low) || 0.1 * Math.abs(high) || 1;
  return { type: "linear", sign: 1, low: low - margin, high: high + margin };
}

/** 1, 2 and 5 times the powers of ten between `low` and `high`. */
function decadeTicks(low: number, high: number): number[] {
  const ticks: number[] = [];
  for (let power = Math.floor(Math.log10(low)); power <= Math.log10(high); power++) {
    // By way of text, so that a tick reads 0.02 and not 0.020000000000000004.
    ticks.push(...[1, 2, 5].map((digit) => Number(`${digit}e${power}`)));
  }
  return ticks.filter((tick) => tick >= low && tick <= high);
}
