/** Spikes that the chip has and the ideal model has not, and the other way round. */

import { COLORS, FAINT_INK, type Figure } from "./figure.ts";

export interface SpikeBalance {
  readonly population: string;
  readonly both: number;
  readonly gained: number;
  readonly lost: number;
}

const PARTS = [
  { key: "both", label: "on both", color: COLORS.blue },
  { key: "gained", label: "gained: on the chip only", color: COLORS.orange },
  { key: "lost", label: "lost: in the model only", color: COLORS.vermilion },
] as const;

export function idealDifferenceFigure(
  title: string,
  note: string,
  samples: number,
  populations: readonly SpikeBalance[],
): Figure {
  const rows = populations.flatMap((one) =>
    PARTS.map(({ key, label, color }) => ({
      row: `${one.population}: ${key}`,
      value: one[key] / samples,
      label,
      color,
    })),
  );
  return {
    title,
    note,
    legend: PARTS.map(({ label, color }) => ({ label, color, mark: "area" })),
    columns: 1,
    panelWidth: 640,
    panelHeight: 60 + 26 * rows.length,
    panels: [
      {
        title: "",
        plot: (plot) => ({
          marginLeft: 24 + 6.6 * Math.max(...rows.map(({ row }) => row.length)),
          marginBottom: 38,
          marginRight: 48,
          x: {
            label: "spikes per sample",
            labelAnchor: "center",
            labelArrow: "none",
            grid: true,
            nice: true,
          },
          y: { type: "band", domain: rows.map(({ row }) => row), label: null },
          color: { type: "identity" },
          marks: [
            plot.barX(rows, {
              x: "value",
              y: "row",
              fill: "color",
              fillOpacity: 0.8,
              insetTop: 2,
              insetBottom: 2,
            }),
            plot.text(rows, {
              x: "value",
              y: "row",
              text: ({ value }: { value: number }) => value.toFixed(2),
              dx: 6,
              textAnchor: "start",
            }),
            plot.ruleX([0], { stroke: FAINT_INK }),
          ],
        }),
      },
    ],
  };
}
