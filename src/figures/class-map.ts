/** Samples with two features in the plane, in the color of the predicted class; a ring around those that are wrong. */

import { FAINT_INK, type Figure, INK, type LegendEntry, manyDots, rampColor, seriesColor } from "./figure.ts";

export interface ClassifiedSample {
  readonly x: number;
  readonly y: number;
  /** Index of the class; −1 for a sample without a prediction. */
  readonly label: number;
  readonly prediction: number;
}

const SIDE = 420;

const AXIS = { domain: [0, 1], labelArrow: "none", ticks: 5 } as const;
const PLANE = {
  marginLeft: 44,
  marginBottom: 40,
  marginRight: 12,
  x: { ...AXIS, label: "first feature", labelAnchor: "center" },
  y: { ...AXIS, label: "second feature", labelAnchor: "top" },
} as const;

export interface TimedSample {
  readonly x: number;
  readonly y: number;
  /** Of the first spike of the output, µs; null for none. */
  readonly time: number | null;
}

/** Steps of time that have a color of their own. */
const TIME_STEPS = 8;

/** When the output spikes first, over the plane. */
export function firstSpikeMapFigure(title: string, note: string, samples: readonly TimedSample[]): Figure {
  const times = samples.flatMap(({ time }) => time ?? []);
  const [first, last] = [Math.min(...times), Math.max(...times)];
  const width = (last - first) / TIME_STEPS || 1;
  const stepOf = ({ time }: TimedSample): number =>
    time === null ? -1 : Math.min(TIME_STEPS - 1, Math.floor((time - first) / width));
  const steps = Array.from({ length: TIME_STEPS }, (_, step) => step);
  const legend = steps.map((step): LegendEntry => {
    const [from, to] = [first + step * width, first + (step + 1) * width];
    return {
      label: `${from.toFixed(1)} to ${to.toFixed(1)} µs`,
      color: rampColor(step / (TIME_STEPS - 1)),
      mark: "dot",
    };
  });
  return {
    title,
    note,
    legend: [...legend, { label: "no spike", color: FAINT_INK, mark: "ring" }],
    columns: 1,
    panelWidth: SIDE,
    panelHeight: SIDE,
    panels: [
      {
        title: "",
        plot: (plot) => ({
          ...PLANE,
          marks: [
            steps.map((step) =>
              manyDots(
                plot,
                samples.filter((sample) => stepOf(sample) === step),
                ({ x }) => x,
                ({ y }) => y,
                rampColor(step / (TIME_STEPS - 1)),
                4.8,
              ),
            ),
            plot.dot(
              samples.filter(({ time }) => time === null),
              { x: "x", y: "y", r: 2.4, stroke: FAINT_INK },
            ),
          ],
        }),
      },
    ],
  };
}

export function classMapFigure(
  title: string,
  note: string,
  classes: readonly string[],
  samples: readonly ClassifiedSample[],
): Figure {
  const color = (prediction: number): string => (prediction < 0 ? FAINT_INK : seriesColor(prediction));
  const legend: LegendEntry[] = [
    ...classes.map((label, i): LegendEntry => ({ label, color: color(i), mark: "dot" })),
    { label: "wrong", color: INK, mark: "ring" },
  ];
  const wrong = samples.filter(({ label, prediction }) => label !== prediction);
  return {
    title,
    note,
    legend,
    columns: 1,
    panelWidth: SIDE,
    panelHeight: SIDE,
    panels: [
      {
        title: "",
        plot: (plot) => ({
          ...PLANE,
          color: { type: "identity" },
          marks: [
            [-1, ...classes.keys()].map((prediction) =>
              manyDots(
                plot,
                samples.filter((sample) => sample.prediction === prediction),
                ({ x }) => x,
                ({ y }) => y,
                color(prediction),
                4.8,
              ),
            ),
            plot.dot(wrong, { x: "x", y: "y", r: 4.6, stroke: INK, strokeWidth: 1 }),
          ],
        }),
      },
    ],
  };
}
