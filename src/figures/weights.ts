/** How the weights of each projection are distributed: as floats, or as the words of the chip with their limits. */

import { histogram } from "./distributions.ts";
import { COLORS, FAINT_INK, type Figure, INK, type Panel } from "./figure.ts";

export interface ProjectionWeights {
  readonly name: string;
  readonly values: ArrayLike<number>;
  /** Largest size that a value can have, and how many are there; absent for floats. */
  readonly limit?: { readonly size: number; readonly atLimit: number };
}

export function weightsFigure(
  title: string,
  note: string,
  unit: "word" | "weight",
  projections: readonly ProjectionWeights[],
): Figure {
  return {
    title,
    note,
    legend: [
      { label: unit === "word" ? "words of all copies" : "weights", color: COLORS.blue, mark: "area" },
      ...(unit === "word" ? [{ label: "largest word", color: INK, mark: "dashes" } as const] : []),
    ],
    columns: 2,
    panelWidth: 440,
    panelHeight: 220,
    panels: projections.map((one) => panel(unit, one)),
  };
}

function panel(unit: "word" | "weight", { name, values, limit }: ProjectionWeights): Panel {
  const finite = Array.from(values).filter(Number.isFinite);
  const largest = limit?.size ?? Math.max(1e-9, ...finite.map(Math.abs));
  const bins = limit === undefined ? histogram(finite, -largest, largest) : wordCounts(finite, largest);
  const held = limit === undefined ? "" : ` (${limit.atLimit} of ${finite.length} at the limit)`;
  return {
    title: `${name}${held}`,
    plot: (plot) => ({
      marginLeft: 52,
      marginBottom: 38,
      x: {
        label: unit === "word" ? "signed 6-bit word" : "weight (model units)",
        labelAnchor: "center",
        labelArrow: "none",
        domain: [-1.04 * largest, 1.04 * largest],
      },
      y: { label: "count", labelAnchor: "top", labelArrow: "none", grid: true, nice: true, ticks: 4 },
      marks: [
        plot.rectY(bins, { x1: "from", x2: "to", y: "count", fill: COLORS.blue, fillOpacity: 0.6 }),
        plot.ruleY([0], { stroke: FAINT_INK }),
        limit === undefined
          ? null
          : plot.ruleX([-largest - 0.5, largest + 0.5], { stroke: INK, strokeDasharray: "4 3" }),
      ],
    }),
  };
}

/** One bin per word. */
function wordCounts(words: readonly number[], largest: number) {
  const counts = new Array<number>(2 * largest + 1).fill(0);
  for (const word of words) counts[word + largest] = (counts[word + largest] ?? 0) + 1;
  return counts.map((count, i) => ({ from: i - largest - 0.5, to: i - largest + 0.5, count }));
}
