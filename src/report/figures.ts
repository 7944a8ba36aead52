/** The figures that a run or a sweep can show, by name: one table for `eventprop plot` and for reports. */

import { calibrationQualityFigure } from "../figures/calibration-quality.ts";
import { classMapFigure } from "../figures/class-map.ts";
import { confusionFigure } from "../figures/confusion.ts";
import type { Figure } from "../figures/figure.ts";
import { activityFigure, learningFigure } from "../figures/learning-curve.ts";
import { differencesFigure, type GroupOfRuns, settingsFigure } from "../figures/sweep.ts";
import { weightsFigure } from "../figures/weights.ts";
import { type Comparison, differenceName } from "../sweep/compare.ts";
import type { RunTable } from "../sweep/results.ts";
import { isAccuracy, type Metric } from "../sweep/schema.ts";
import { classifiedSamples, confusionOf, type Evaluation, type RunData, weightsOf } from "./run-data.ts";

export interface NamedFigure {
  readonly name: string;
  readonly figure: Figure;
}

interface RunFigure {
  readonly name: string;
  readonly summary: string;
  /** Empty when the run has nothing to show; several for several evaluations or calibrations. */
  draw(run: RunData): readonly NamedFigure[];
}

export const RUN_FIGURES: readonly RunFigure[] = [
  {
    name: "learning-curve",
    summary: "loss and accuracy by epoch",
    draw: ({ loaded, metrics }) =>
      metrics.length === 0
        ? []
        : [{ name: "learning-curve", figure: learningFigure(loaded.experiment.name, metrics) }],
  },
  {
    name: "activity",
    summary: "learning rate, spikes, silent neurons, saturated weights, capped jumps by epoch",
    draw({ loaded, metrics }) {
      if (metrics.length === 0) return [];
      const { network } = loaded.components;
      const spiking = network.populations.filter(({ model }) => model.spikes);
      const size = {
        spikingNeurons: spiking.reduce((sum, population) => sum + population.size, 0),
        weights: network.weights,
      };
      return [{ name: "activity", figure: activityFigure("Activity", metrics, size) }];
    },
  },
  {
    name: "confusion",
    summary: "confusion matrix of each evaluation",
    draw: (run) =>
      run.evaluations.flatMap((evaluation) => {
        const confusion = confusionOf(evaluation);
        if (confusion === undefined) return [];
        const figure = confusionFigure(`Confusion: ${evaluation.name}`, conditions(evaluation), confusion);
        return [{ name: `confusion-${evaluation.name}`, figure }];
      }),
  },
  {
    name: "class-map",
    summary: "predicted class over the plane of a two-dimensional task",
    draw: (run) =>
      run.evaluations.flatMap((evaluation) => {
        const samples = classifiedSamples(run, evaluation);
        if (samples === undefined) return [];
        const title = `Predictions: ${evaluation.name}`;
        const figure = classMapFigure(title, conditions(evaluation), evaluation.classes, samples);
        return [{ name: `class-map-${evaluation.name}`, figure }];
      }),
  },
  {
    name: "weights",
    summary: "histogram of the weights; on a chip of the 6-bit words with their limit",
    draw(run) {
      const weights = weightsOf(run);
      if (weights === undefined) return [];
      const { unit, projections } = weights;
      const note = unit === "word" ? "words of all copies, excitatory minus inhibitory" : "model units";
      return [{ name: "weights", figure: weightsFigure("Weights after training", note, unit, projections) }];
    },
  },
  {
    name: "calibration",
    summary: "spread over neurons before and after calibration, against the tolerance",
    draw: ({ calibrations }) =>
      calibrations.map((calibration, i) => {
        const good = calibration.success.reduce((sum, one) => sum + one, 0);
        const note = `${calibration.chip}: ${good} of ${calibration.success.length} neurons within every tolerance`;
        return {
          name: i === 0 ? "calibration" : `calibration-${i + 1}`,
          figure: calibrationQualityFigure("Calibration", note, calibration.quality),
        };
      }),
  },
];

function conditions({ substrate, split, samples, accuracy, standardError }: Evaluation): string {
  const result =
    accuracy === null
      ? ""
      : `, ${(100 * accuracy).toFixed(1)} %${standardError === null ? "" : ` ± ${(100 * standardError).toFixed(1)}`}`;
  return `${substrate}, ${split}, ${samples} samples${result}`;
}

export const SWEEP_FIGURES = [
  { name: "settings", summary: "every run of a sweep, with mean and spread of its setting" },
  { name: "differences", summary: "paired differences of a sweep with their 95 % intervals" },
] as const;

/** Figures of a sweep; none of the differences when no two settings can be compared. */
export function sweepFigures(table: RunTable, comparison: Comparison): NamedFigure[] {
  const { metric, comparisons, summaries } = comparison;
  const places = new Map(table.settings.map(({ label }, i) => [label, i]));
  const groups = summaries
    .filter(({ over }) => over === "seeds")
    .map(({ setting, chip, summary }): GroupOfRuns => {
      const place = places.get(setting) as number;
      const rows = table.rows.filter((row) => row.setting === place && row.chip === chip);
      return {
        label: chip === null ? setting : `${setting}, chip ${chip}`,
        setting: place,
        values: rows.flatMap(({ metrics }) => metrics[metric] ?? []).map((value) => scaled(value, metric)),
        mean: summary === null ? null : scaled(summary.mean, metric),
        sd: summary?.sd == null ? null : scaled(summary.sd, metric),
      };
    });
  const figures: NamedFigure[] = [
    { name: "settings", figure: settingsFigure("Settings", "one dot per run", axisOf(metric), groups) },
  ];
  if (comparisons.length === 0) return figures;
  const differences = comparisons.map((one) => ({
    label: differenceName(one),
    values: one.differences.map((value) => scaled(value, metric)),
    mean: scaled(one.mean, metric),
    interval:
      one.interval === null
        ? null
        : ([scaled(one.interval[0], metric), scaled(one.interval[1], metric)] as const),
  }));
  const title = "Paired differences";
  const note = "second minus first, under the same seed and chip";
  return [
    ...figures,
    {
      name: "differences",
      figure: differencesFigure(title, note, `difference of ${axisOf(metric)}`, differences),
    },
  ];
}

/** Accuracies are shown in percent. */
function scaled(value: number, metric: Metric): number {
  return isAccuracy(metric) ? 100 * value : value;
}

function axisOf(metric: Metric): string {
  return isAccuracy(metric) ? `${metric} (%)` : metric;
}
