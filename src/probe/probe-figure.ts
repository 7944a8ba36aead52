/** A probe as a figure: the traces of a few neurons, and what the sweep changes. */

import { FAINT_INK, type Figure, type Panel, seriesColor } from "../figures/figure.ts";
import type { ProbeFile } from "./probe-file.ts";
import type { ProbedNeuron } from "./run-probe.ts";
import type { ProbeSummary } from "./summary.ts";

const MOST_NEURONS = 6;
const MOST_VALUES = 6;
const WIDTH = 640;

export function probeFigure(
  probe: ProbeFile,
  title: string,
  probed: readonly ProbedNeuron[],
  summaries: readonly ProbeSummary[],
): Figure {
  const { neurons, sweep, record } = probe;
  const shown = neurons.slice(0, MOST_NEURONS);
  const panels = [
    ...(sweep === undefined || sweep.values.length < 2 ? [] : [sweepPanel(sweep.of, summaries, shown)]),
    ...someOf(sweep?.values ?? [0]).map((value) =>
      tracePanel(
        sweep === undefined ? "" : `${sweep.of} ${value}`,
        record,
        probed.filter((one) => one.value === value && one.repeat === 0 && shown.includes(one.neuron)),
        shown,
      ),
    ),
  ];
  return {
    title,
    ...(shown.length < neurons.length
      ? { note: `the first ${shown.length} of ${neurons.length} neurons` }
      : {}),
    legend: shown.map((neuron, i) => ({ label: `neuron ${neuron}`, color: seriesColor(i), mark: "line" })),
    columns: 1,
    panelWidth: WIDTH,
    panelHeight: 200,
    panels,
  };
}

/** At most six, the first and the last among them. */
function someOf(values: readonly number[]): number[] {
  if (values.length <= MOST_VALUES) return [...values];
  return Array.from(
    { length: MOST_VALUES },
    (_, i) => values[Math.round((i * (values.length - 1)) / (MOST_VALUES - 1))]!,
  );
}

function sweepPanel(of: string, summaries: readonly ProbeSummary[], shown: readonly number[]): Panel {
  const spiking = summaries.some(({ spikes }) => spikes > 0);
  const size = (one: ProbeSummary): number =>
    spiking ? one.spikes : -one.trough > one.peak ? one.trough : one.peak;
  const points = summaries
    .filter(({ neuron }) => shown.includes(neuron))
    .map((one) => ({ value: one.value, size: size(one), neuron: one.neuron }));
  return {
    title: spiking ? "spikes per run" : "largest distance from rest",
    plot: (plot) => ({
      marginLeft: 48,
      marginBottom: 36,
      x: { label: of, labelAnchor: "center", labelArrow: "none", nice: true },
      y: {
        label: spiking ? "spikes" : "codes",
        labelAnchor: "top",
        labelArrow: "none",
        grid: true,
        nice: true,
      },
      marks: [
        plot.frame({ stroke: FAINT_INK, strokeOpacity: 0.4 }),
        plot.line(points, {
          x: "value",
          y: "size",
          z: "neuron",
          stroke: ({ neuron }: { neuron: number }) => seriesColor(shown.indexOf(neuron)),
        }),
      ],
    }),
  };
}

function tracePanel(
  title: string,
  record: ProbeFile["record"],
  traces: readonly ProbedNeuron[],
  shown: readonly number[],
): Panel {
  const samples = traces.flatMap(({ neuron, time, code }) =>
    time.map((t, k) => ({ neuron, t, code: code[k]! })),
  );
  const spikes = traces.flatMap(({ neuron, spikes: times }) => times.map((t) => ({ neuron, t })));
  const color = ({ neuron }: { neuron: number }): string => seriesColor(shown.indexOf(neuron));
  const top = Math.max(1, ...samples.map(({ code }) => code));
  return {
    title,
    plot: (plot) => ({
      marginLeft: 48,
      marginBottom: 36,
      x: { label: "time (µs)", labelAnchor: "center", labelArrow: "none" },
      y: { label: `${record} code`, labelAnchor: "top", labelArrow: "none", grid: true },
      color: { type: "identity" },
      marks: [
        plot.frame({ stroke: FAINT_INK, strokeOpacity: 0.4 }),
        plot.line(samples, { x: "t", y: "code", z: "neuron", stroke: color, strokeWidth: 1.1 }),
        plot.tickX(spikes, { x: "t", y: () => top, stroke: color, strokeWidth: 1, insetTop: 2 }),
      ],
    }),
  };
}
