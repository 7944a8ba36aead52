/** When the neurons of each population spike, and how often: two panels per population. */

import { FAINT_INK, type Figure, type Panel, seriesColor } from "./figure.ts";

export interface PopulationActivity {
  readonly name: string;
  readonly neurons: number;
  /** Spikes in equal bins from 0 to the duration. */
  readonly spikeTimes: readonly number[];
  /** Neurons in equal bins from 0 to `largestRate` spikes per sample. */
  readonly rates: readonly number[];
  readonly largestRate: number;
}

export function spikeHistogramsFigure(
  title: string,
  note: string,
  duration: number,
  samples: number,
  populations: readonly PopulationActivity[],
): Figure {
  return {
    title,
    note,
    columns: 2,
    panelWidth: 440,
    panelHeight: 190,
    panels: populations.flatMap((population, i) => {
      const { name, spikeTimes, rates, largestRate, neurons } = population;
      const spikes = spikeTimes.reduce((a, b) => a + b, 0) / samples;
      const perSample = spikeTimes.map((count) => count / samples);
      const color = seriesColor(i);
      return [
        bars(
          `${name}: ${spikes.toFixed(1)} spikes per sample`,
          "time (µs)",
          "spikes per sample",
          perSample,
          duration,
          color,
        ),
        bars(
          `${name}: ${neurons} ${name === "input" ? "sources" : "neurons"}`,
          "spikes per sample",
          name === "input" ? "sources" : "neurons",
          rates,
          largestRate || 1,
          color,
        ),
      ];
    }),
  };
}

function bars(
  title: string,
  x: string,
  y: string,
  counts: readonly number[],
  end: number,
  color: string,
): Panel {
  const width = end / counts.length;
  const bins = counts.map((count, i) => ({ from: i * width, to: (i + 1) * width, count }));
  return {
    title,
    plot: (plot) => ({
      marginLeft: 52,
      marginBottom: 38,
      x: { domain: [0, end], label: x, labelAnchor: "center", labelArrow: "none", ticks: 6 },
      y: { label: y, labelAnchor: "top", labelArrow: "none", grid: true, nice: true, ticks: 4 },
      marks: [
        plot.rectY(bins, {
          x1: "from",
          x2: "to",
          y: "count",
          fill: color,
          fillOpacity: 0.7,
          insetLeft: 0.3,
          insetRight: 0.3,
        }),
        plot.ruleY([0], { stroke: FAINT_INK }),
      ],
    }),
  };
}
