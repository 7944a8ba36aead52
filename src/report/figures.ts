/** The figures that a run or a sweep can show, by name: one table for `eventprop plot` and for reports. */

import type { Observed } from "../engine/observed.ts";
import { calibrationQualityFigure } from "../figures/calibration-quality.ts";
import { classMapFigure, firstSpikeMapFigure } from "../figures/class-map.ts";
import { classRastersFigure } from "../figures/class-rasters.ts";
import { confusionFigure } from "../figures/confusion.ts";
import type { Figure } from "../figures/figure.ts";
import { idealDifferenceFigure } from "../figures/ideal-difference.ts";
import { activityFigure, learningFigure } from "../figures/learning-curve.ts";
import { membraneAdjointFigure } from "../figures/membrane-adjoint.ts";
import { spikeHistogramsFigure } from "../figures/spike-histograms.ts";
import { differencesFigure, type GroupOfRuns, settingsFigure } from "../figures/sweep.ts";
import { weightsFigure } from "../figures/weights.ts";
import { type Comparison, differenceName } from "../sweep/compare.ts";
import type { RunTable } from "../sweep/results.ts";
import { isAccuracy, type Metric } from "../sweep/schema.ts";
import {
  classifiedSamples,
  confusionOf,
  confusionOfObserved,
  type Evaluation,
  observedInPlane,
  type RunData,
  weightsOf,
} from "./run-data.ts";

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
    summary: "confusion matrix after the training, and of each evaluation",
    draw: (run) => [
      ...ofObserved(run, (observed) =>
        hasPredictions(observed)
          ? [["confusion", confusionFigure("Confusion", seenText(observed), confusionOfObserved(observed))]]
          : [],
      ),
      ...run.evaluations.flatMap((evaluation) => {
        const confusion = confusionOf(evaluation);
        if (confusion === undefined) return [];
        const figure = confusionFigure(`Confusion: ${evaluation.name}`, conditions(evaluation), confusion);
        return [{ name: `confusion-${evaluation.name}`, figure }];
      }),
    ],
  },
  {
    name: "class-map",
    summary: "predicted class over the plane of a two-dimensional task",
    draw: (run) => [
      ...ofObserved(run, (observed) => {
        const samples = hasPredictions(observed) ? observedInPlane(run, observed) : undefined;
        if (samples === undefined) return [];
        return [["class-map", classMapFigure("Predictions", seenText(observed), observed.classes, samples)]];
      }),
      ...run.evaluations.flatMap((evaluation) => {
        const samples = classifiedSamples(run, evaluation);
        if (samples === undefined) return [];
        const title = `Predictions: ${evaluation.name}`;
        const figure = classMapFigure(title, conditions(evaluation), evaluation.classes, samples);
        return [{ name: `class-map-${evaluation.name}`, figure }];
      }),
    ],
  },
  {
    name: "first-spike-map",
    summary: "time of the first output spike over the plane of a two-dimensional task",
    draw: (run) =>
      ofObserved(run, (observed) => {
        const samples = observed.firstSpikes === undefined ? undefined : observedInPlane(run, observed);
        if (samples?.some(({ time }) => time !== null) !== true) return [];
        return [["first-spike-map", firstSpikeMapFigure("First output spike", seenText(observed), samples)]];
      }),
  },
  {
    name: "raster",
    summary: "spikes of inputs and neurons in one sample of each class",
    draw: (run) =>
      ofObserved(run, ({ classes, drawn, populations, duration, split }) => {
        if (drawn.length === 0) return [];
        const { populations: all } = run.loaded.components.network;
        const groups = populations.map(({ name, neurons }) => ({ name, size: neurons }));
        // Spikes name the population of the network, −1 for the inputs; groups are the inputs and those that spike.
        const groupOf = new Map(
          all.map(({ name }, p) => [p, groups.findIndex((group) => group.name === name)]),
        );
        groupOf.set(-1, 0);
        const samples = drawn.map(({ number, label, prediction, spikes, allSpikes }) => {
          const answer = prediction < 0 ? "no prediction" : `→ ${classes[prediction]}`;
          const cut = spikes.length < allSpikes ? `, first ${spikes.length} of ${allSpikes} spikes` : "";
          return {
            title: `${classes[label]} ${answer} (${split} ${number})${cut}`,
            spikes: spikes.map(([p, neuron, time]) => [groupOf.get(p) as number, neuron, time] as const),
          };
        });
        const note =
          "one sample of each class, with the prediction; number of sources and neurons in the legend";
        return [["raster", classRastersFigure("Spikes", note, groups, duration, samples)]];
      }),
  },
  {
    name: "membrane",
    summary: "membranes with threshold and spikes, and the adjoint λ_V, λ_I beneath them",
    draw: (run) =>
      ofObserved(run, ({ membranes, membranesFrom, duration, drawn, split }) =>
        membranes.map((trace) => {
          const name = `${trace.population} ${trace.neuron}`;
          const [sample] = drawn;
          const adjoint =
            trace.adjoint === undefined ? "" : "; adjoint of the loss, for an excitatory synapse";
          const note = `${split} sample ${sample?.number}${adjoint}`;
          const title = `Neuron ${name}`;
          const figure = membraneAdjointFigure(title, note, duration, trace, membranesFrom === "chip");
          return [`membrane-${trace.population}-${trace.neuron}`, figure] as const;
        }),
      ),
  },
  {
    name: "spikes",
    summary: "when the neurons of each population spike, and how often",
    draw: (run) =>
      ofObserved(run, (observed) => {
        const { duration, samples, populations } = observed;
        const note = `${observed.split}, ${samples} samples`;
        return [
          ["spikes", spikeHistogramsFigure("Spike times and rates", note, duration, samples, populations)],
        ];
      }),
  },
  {
    name: "ideal",
    summary: "spikes gained and lost on the chip against the ideal model with the same weights",
    draw: (run) =>
      ofObserved(run, ({ ideal }) => {
        if (ideal === undefined || ideal.populations.length === 0) return [];
        const note = `${ideal.samples} samples with the words of the chip; the model has nominal constants and no noise`;
        return [
          [
            "ideal",
            idealDifferenceFigure("Chip against ideal model", note, ideal.samples, ideal.populations),
          ],
        ];
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

/** Named figures of what was observed after the training; none for a run without it. */
function ofObserved(
  { observed }: RunData,
  draw: (observed: Observed) => readonly (readonly [string, Figure])[],
): NamedFigure[] {
  return observed === undefined ? [] : draw(observed).map(([name, figure]) => ({ name, figure }));
}

/** A loss that predicts no class has none. */
function hasPredictions({ predictions }: Observed): boolean {
  return predictions.some((prediction) => prediction >= 0);
}

function seenText({ split, samples, labels, predictions }: Observed): string {
  const right = labels.filter((label, i) => label === predictions[i]).length;
  return `after the training, ${split}, ${samples} samples, ${((100 * right) / samples).toFixed(1)}\u00a0%`;
}

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
