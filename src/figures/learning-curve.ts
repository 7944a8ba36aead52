/** Numbers of a run against its epochs, one line per split: loss and accuracy, then what the network does. */

import {
  COLORS,
  FAINT_INK,
  type Figure,
  figureToSvg,
  type LegendEntry,
  type Panel,
  seriesColor,
} from "./figure.ts";

/** A row of metrics.csv, as far as this figure reads it. */
export interface CurvePoint {
  readonly epoch: number;
  readonly split: string;
  readonly loss: number | null;
  /** 0 … 1 */
  readonly accuracy: number | null;
}

/** A row of metrics.csv, as far as `activityFigure` reads it; null where the number does not exist. */
export interface ActivityPoint {
  readonly epoch: number;
  readonly split: string;
  readonly learning_rate: number | null;
  readonly spikes_per_sample: number | null;
  readonly silent_neurons: number | null;
  readonly saturated_weights: number | null;
  readonly capped_jumps: number | null;
}

/** What the shares of silent neurons and saturated weights are shares of. */
export interface NetworkSize {
  readonly spikingNeurons: number;
  readonly weights: number;
}

const SPLIT_COLORS: Readonly<Record<string, string>> = {
  train: COLORS.blue,
  validation: COLORS.orange,
  test: COLORS.vermilion,
};

/** `learningFigure` as SVG. */
export function learningCurve(title: string, points: readonly CurvePoint[]): Promise<string> {
  return figureToSvg(learningFigure(title, points));
}

/** At least one row; a split with a single one (the final test) becomes a dot. */
export function learningFigure(title: string, points: readonly CurvePoint[]): Figure {
  const legend = splitLegend(points);
  return {
    title,
    legend,
    columns: 2,
    panelWidth: 440,
    panelHeight: 300,
    panels: [
      panel("Loss", "mean loss per sample", points, legend, ({ loss }) => loss),
      panel("Accuracy", "correct samples (%)", points, legend, ({ accuracy }) =>
        accuracy === null ? null : 100 * accuracy,
      ),
    ],
  };
}

/** Learning rate, spikes, and the shares of silent neurons, saturated weights; jumps that were capped. */
export function activityFigure(title: string, points: readonly ActivityPoint[], size: NetworkSize): Figure {
  const legend = splitLegend(points);
  const percent = (count: number | null, of: number): number | null =>
    count === null || of === 0 ? null : (100 * count) / of;
  const of = (name: string, label: string, value: (point: ActivityPoint) => number | null): Panel =>
    panel(name, label, points, legend, value);
  return {
    title,
    legend,
    columns: 2,
    panelWidth: 440,
    panelHeight: 220,
    panels: [
      of("Learning rate", "largest usual step", ({ learning_rate }) => learning_rate),
      of("Spikes", "spikes per sample", ({ spikes_per_sample }) => spikes_per_sample),
      of("Silent neurons", "share of spiking neurons (%)", ({ silent_neurons }) =>
        percent(silent_neurons, size.spikingNeurons),
      ),
      // Counted in the rows of training alone; those of other splits say 0.
      of("Saturated weights", "share of weights (%)", ({ split, saturated_weights }) =>
        split === "train" ? percent(saturated_weights, size.weights) : null,
      ),
      of("Capped jumps", "adjoint jumps per epoch", ({ capped_jumps }) => capped_jumps),
    ],
  };
}

function splitLegend(points: readonly { readonly split: string }[]): LegendEntry[] {
  const splits = [...new Set(points.map((point) => point.split))];
  return splits.map((split, i) => {
    const count = points.filter((point) => point.split === split).length;
    return { label: split, color: colorOf(split, i), mark: count === 1 ? "dot" : "line" };
  });
}

function panel<Point extends { readonly epoch: number; readonly split: string }>(
  title: string,
  label: string,
  points: readonly Point[],
  legend: readonly LegendEntry[],
  value: (point: Point) => number | null,
): Panel {
  const epochs = points.map(({ epoch }) => epoch);
  const [first, last] = [Math.min(...epochs), Math.max(...epochs)];
  const domain = first < last ? [first, last] : [first - 1, first + 1];
  const shown = points.filter((point) => Number.isFinite(value(point) ?? Number.NaN));
  return {
    title,
    entries: legend
      .map(({ label: split }) => split)
      .filter((split) => shown.some((one) => one.split === split)),
    plot: (plot) => ({
      marginLeft: 52,
      marginBottom: 40,
      x: {
        label: "epoch",
        labelAnchor: "center",
        labelArrow: "none",
        tickFormat: "d",
        domain,
        ticks: wholeTicks(first, last),
      },
      y: {
        label,
        labelAnchor: "top",
        labelArrow: "none",
        grid: true,
        nice: true,
        ...around(shown.map(value)),
      },
      marks: [
        plot.frame({ stroke: FAINT_INK, strokeOpacity: 0.4 }),
        legend.map(({ label: split, color, mark }) => {
          const data = points
            .map((point) => ({ split: point.split, epoch: point.epoch, value: value(point) }))
            .filter((point) => point.split === split && Number.isFinite(point.value ?? Number.NaN));
          return mark === "dot"
            ? plot.dot(data, { x: "epoch", y: "value", fill: color, r: 4.5 })
            : plot.line(data, { x: "epoch", y: "value", stroke: color, strokeWidth: 1.8 });
        }),
      ],
    }),
  };
}

/** A range for values that are all the same, which have none of their own. */
function around(values: readonly (number | null)[]): { domain?: [number, number] } {
  const [value, ...others] = values;
  if (value == null || others.some((other) => other !== value)) return {};
  return { domain: value === 0 ? [0, 1] : [value - Math.abs(value) / 10, value + Math.abs(value) / 10] };
}

function colorOf(split: string, index: number): string {
  return SPLIT_COLORS[split] ?? seriesColor(index);
}

/** At most nine whole numbers from `first` to `last`: there is no epoch 1.5. */
function wholeTicks(first: number, last: number): number[] {
  const steps = [1, 2, 5].flatMap((digit) => [1, 10, 100, 1000, 10_000].map((power) => digit * power));
  const step = steps.sort((a, b) => a - b).find((each) => (last - first) / each <= 8) ?? last - first;
  const start = Math.ceil(first / step) * step;
  return Array.from({ length: Math.floor((last - start) / step) + 1 }, (_, i) => start + i * step);
}
