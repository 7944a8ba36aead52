/** One neuron in one sample: its membrane with threshold and spikes, and beneath it λ_V and λ_I of the loss. */

import { COLORS, FAINT_INK, type Figure, INK, type LegendEntry, type Panel } from "./figure.ts";

export interface NeuronTrace {
  readonly spikes: readonly number[];
  /** [µs, V], model units. */
  readonly voltages: readonly (readonly [number, number])[];
  /** null for a neuron that cannot spike. */
  readonly threshold: number | null;
  /** [µs, λ_V, λ_I] */
  readonly adjoint?: readonly (readonly [number, number, number])[];
}

/** Two of them stand side by side in a report. */
const WIDTH = 480;

/** @param sampled whether the voltages are samples of a converter, not a line */
export function membraneAdjointFigure(
  title: string,
  note: string,
  duration: number,
  trace: NeuronTrace,
  sampled: boolean,
): Figure {
  const { spikes, threshold, adjoint = [] } = trace;
  const legend: LegendEntry[] = [
    {
      label: sampled ? "converter samples" : "membrane",
      color: COLORS.blue,
      mark: sampled ? "dot" : "line",
    },
    ...(threshold === null ? [] : [{ label: "threshold", color: INK, mark: "dashes" } as const]),
    ...(spikes.length === 0 ? [] : [{ label: "spikes", color: COLORS.vermilion, mark: "line" } as const]),
    ...(adjoint.length === 0
      ? []
      : ([
          { label: "λ_V", color: COLORS.green, mark: "line" },
          { label: "λ_I", color: COLORS.purple, mark: "line" },
        ] as const)),
  ];
  return {
    title,
    note,
    legend,
    columns: 1,
    panelWidth: WIDTH,
    panelHeight: 190,
    panels: [
      membrane(duration, trace, sampled),
      ...(adjoint.length === 0 ? [] : [adjointPanel(duration, trace)]),
    ],
  };
}

const timeAxis = (duration: number) =>
  ({ domain: [0, duration], label: "time (µs)", labelAnchor: "center", labelArrow: "none" }) as const;

function membrane(duration: number, { voltages, threshold, spikes }: NeuronTrace, sampled: boolean): Panel {
  const points = voltages.filter(([time]) => time >= 0 && time <= duration);
  return {
    title: "membrane",
    entries: ["converter samples", "membrane", "threshold", "spikes"],
    plot: (plot) => ({
      marginLeft: 56,
      marginBottom: 36,
      x: timeAxis(duration),
      y: { label: "V (threshold is 1)", labelAnchor: "top", labelArrow: "none", grid: true, nice: true },
      marks: [
        plot.frame({ stroke: FAINT_INK, strokeOpacity: 0.4 }),
        threshold === null ? null : plot.ruleY([threshold], { stroke: INK, strokeDasharray: "4 3" }),
        plot.ruleX(spikes, { stroke: COLORS.vermilion, strokeOpacity: 0.8 }),
        plot.line(points, {
          x: "0",
          y: "1",
          stroke: COLORS.blue,
          strokeWidth: sampled ? 0.7 : 1.4,
          strokeOpacity: sampled ? 0.5 : 1,
        }),
        sampled ? plot.dot(points, { x: "0", y: "1", r: 2.6, fill: COLORS.blue }) : null,
      ],
    }),
  };
}

function adjointPanel(duration: number, { adjoint = [], spikes }: NeuronTrace): Panel {
  return {
    title: "adjoint",
    entries: ["spikes", "λ_V", "λ_I"],
    plot: (plot) => ({
      marginLeft: 56,
      marginBottom: 36,
      x: timeAxis(duration),
      y: {
        label: "λ (1/µs)",
        labelAnchor: "top",
        labelArrow: "none",
        grid: true,
        nice: true,
        ticks: 4,
        tickFormat: "~g",
      },
      marks: [
        plot.frame({ stroke: FAINT_INK, strokeOpacity: 0.4 }),
        plot.ruleX(spikes, { stroke: COLORS.vermilion, strokeOpacity: 0.35 }),
        plot.ruleY([0], { stroke: FAINT_INK }),
        plot.line(adjoint, { x: "0", y: "1", stroke: COLORS.green, strokeWidth: 1.4 }),
        plot.line(adjoint, { x: "0", y: "2", stroke: COLORS.purple, strokeWidth: 1.4 }),
      ],
    }),
  };
}
