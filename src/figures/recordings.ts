/** What was observed of one sample: spikes of all neurons as a raster, and membranes of some. */

import { FAINT_INK, type Figure, INK, seriesColor } from "./figure.ts";

export interface SpikeRow {
  readonly population: string;
  readonly neuron: number;
  /** µs */
  readonly time: number;
}

export interface VoltageRow extends SpikeRow {
  /** Model units: leak 0, threshold 1. */
  readonly voltage: number;
}

const WIDTH = 640;

/** One row per neuron that spiked, populations from top to bottom. */
export function rasterFigure(title: string, note: string, spikes: readonly SpikeRow[]): Figure {
  const populations = [...new Set(spikes.map(({ population }) => population))];
  const last = Math.max(1, ...spikes.map(({ time }) => time));
  return {
    title,
    note,
    columns: 1,
    panelWidth: WIDTH,
    panelHeight: 200,
    panels: populations.map((population, i) => {
      const own = spikes.filter((spike) => spike.population === population);
      const silent = own.length === 0;
      return {
        title: `${population}: ${own.length} spikes`,
        plot: (plot) => ({
          marginLeft: 48,
          marginBottom: 36,
          x: { domain: [0, 1.02 * last], label: "time (µs)", labelAnchor: "center", labelArrow: "none" },
          y: {
            domain: [-0.5, Math.max(0.5, ...own.map(({ neuron }) => neuron + 0.5))],
            label: "neuron",
            labelAnchor: "top",
            labelArrow: "none",
            tickFormat: "d",
          },
          marks: [
            plot.frame({ stroke: FAINT_INK, strokeOpacity: 0.4 }),
            silent ? null : plot.dot(own, { x: "time", y: "neuron", r: 1.6, fill: seriesColor(i) }),
          ],
        }),
      };
    }),
  };
}

/** One panel per population; at most six neurons each, those with the largest range of voltage. */
export function membraneFigure(
  title: string,
  note: string,
  voltages: readonly VoltageRow[],
  spikes: readonly SpikeRow[],
): Figure {
  const populations = [...new Set(voltages.map(({ population }) => population))];
  return {
    title,
    note,
    legend: [{ label: "threshold", color: INK, mark: "dashes" }],
    columns: 1,
    panelWidth: WIDTH,
    panelHeight: 240,
    panels: populations.map((population) => {
      const own = voltages.filter((row) => row.population === population);
      const shown = mostActive(own);
      const lines = own.filter(({ neuron }) => shown.includes(neuron));
      const fired = spikes.filter((row) => row.population === population && shown.includes(row.neuron));
      return {
        title: `${population}: neurons ${shown.join(", ")}`,
        plot: (plot) => ({
          marginLeft: 48,
          marginBottom: 36,
          x: { label: "time (µs)", labelAnchor: "center", labelArrow: "none" },
          y: { label: "potential (threshold 1)", labelAnchor: "top", labelArrow: "none", grid: true },
          color: { type: "identity" },
          marks: [
            plot.frame({ stroke: FAINT_INK, strokeOpacity: 0.4 }),
            plot.ruleY([1], { stroke: INK, strokeDasharray: "4 3" }),
            shown.map((neuron, k) =>
              plot.line(
                lines.filter((row) => row.neuron === neuron),
                { x: "time", y: "voltage", stroke: seriesColor(k), strokeWidth: 1.2 },
              ),
            ),
            plot.dot(fired, {
              x: "time",
              y: () => 1,
              r: 3,
              fill: ({ neuron }: SpikeRow) => seriesColor(shown.indexOf(neuron)),
            }),
          ],
        }),
      };
    }),
  };
}

const MOST_LINES = 6;

function mostActive(rows: readonly VoltageRow[]): number[] {
  const range = new Map<number, [number, number]>();
  for (const { neuron, voltage } of rows) {
    const [low, high] = range.get(neuron) ?? [voltage, voltage];
    range.set(neuron, [Math.min(low, voltage), Math.max(high, voltage)]);
  }
  const order = [...range].sort(([, a], [, b]) => b[1] - b[0] - (a[1] - a[0]));
  return order
    .slice(0, MOST_LINES)
    .map(([neuron]) => neuron)
    .sort((a, b) => a - b);
}
