/** Distributions over neurons before and after a calibration: one small panel per parameter. */

import { COLORS, FAINT_INK, figureToSvg, INK, type Panel } from "./figure.ts";

export interface Distribution {
  /** `"tau_mem"` */
  readonly parameter: string;
  /** `"us"` */
  readonly unit: string;
  readonly target: number;
  /** One entry per neuron; entries that are not finite are left out. */
  readonly before: ArrayLike<number>;
  readonly after: ArrayLike<number>;
}

interface Bin {
  readonly from: number;
  readonly to: number;
  readonly count: number;
}

const BINS = 40;
/** The axis spans this share of the values in the middle; what is outside stands in the end bins. */
const SHOWN = 0.99;

export function distributions(
  title: string,
  note: string,
  parameters: readonly Distribution[],
): Promise<string> {
  return figureToSvg({
    title,
    note,
    legend: [
      { label: "before: one code for all neurons", color: COLORS.orange, mark: "area" },
      { label: "after calibration", color: COLORS.blue, mark: "area" },
      { label: "target", color: INK, mark: "dashes" },
    ],
    columns: 3,
    panelWidth: 290,
    panelHeight: 190,
    panels: parameters.map(panel),
  });
}

function panel({ parameter, unit, target, before, after }: Distribution): Panel {
  const finite = (values: ArrayLike<number>): number[] => Array.from(values).filter(Number.isFinite);
  const [first, second] = [finite(before), finite(after)];
  const [low, high] = span([first, second], target);
  return {
    title: parameter,
    plot: (plot) => ({
      marginLeft: 44,
      marginBottom: 36,
      x: {
        label: `${parameter} (${unit})`,
        labelAnchor: "center",
        labelArrow: "none",
        domain: [low, high],
        ticks: 5,
      },
      y: { label: "neurons", labelAnchor: "top", labelArrow: "none", grid: true, ticks: 4, nice: true },
      marks: [
        (
          [
            [first, COLORS.orange],
            [second, COLORS.blue],
          ] as const
        ).map(([values, fill]) =>
          plot.rectY(histogram(values, low, high), {
            x1: "from",
            x2: "to",
            y: "count",
            fill,
            fillOpacity: 0.55,
            insetLeft: 0.3,
            insetRight: 0.3,
          }),
        ),
        plot.ruleX([target], { stroke: INK, strokeDasharray: "4 3" }),
        plot.ruleY([0], { stroke: FAINT_INK }),
      ],
    }),
  };
}

/** Equal bins from `low` to `high`; values outside count in the first and the last. */
export function histogram(values: readonly number[], low: number, high: number): Bin[] {
  const counts = new Array<number>(BINS).fill(0);
  const width = (high - low) / BINS;
  for (const value of values) {
    const bin = Math.min(BINS - 1, Math.max(0, Math.floor((value - low) / width)));
    counts[bin] = counts[bin]! + 1;
  }
  return counts.map((count, i) => ({ from: low + i * width, to: low + (i + 1) * width, count }));
}

/** A range that holds the middle of every set of values and the target; never empty. */
function span(sets: readonly (readonly number[])[], target: number): [number, number] {
  let [low, high] = [target, target];
  for (const set of sets) {
    if (set.length === 0) continue;
    const sorted = [...set].sort((a, b) => a - b);
    const skip = Math.floor(((1 - SHOWN) / 2) * sorted.length);
    low = Math.min(low, sorted[skip]!);
    high = Math.max(high, sorted[sorted.length - 1 - skip]!);
  }
  const margin = high > low ? 0.03 * (high - low) : Math.max(1e-9, 0.1 * Math.abs(target));
  return [low - margin, high + margin];
}
