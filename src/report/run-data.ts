/** What a run folder tells, read for reports and plots. Everything is checked against the digests of the run. */

import { existsSync, readdirSync, readFileSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import { loadCalibration } from "../calibration/store.ts";
import type { Calibration } from "../calibration/types.ts";
import { WEIGHT_MAX } from "../chip/limits.ts";
import { parseCsv } from "../core/csv-text.ts";
import { UserError } from "../core/errors.ts";
import { isEventData } from "../data/types.ts";
import { runCalibrationFiles } from "../engine/chip-calibrations.ts";
import { type MetricsRow, readMetrics } from "../engine/metrics.ts";
import { type Observed, readObserved } from "../engine/observed.ts";
import { projectionWords } from "../engine/projection-words.ts";
import { type Provenance, readProvenance } from "../engine/provenance.ts";
import { checkRunFiles, readResult, type StoredResult } from "../engine/result.ts";
import { RUN_FILES } from "../engine/run-folder.ts";
import { readWeights } from "../engine/weights-file.ts";
import { type LoadedExperiment, loadExperiment } from "../experiment/load.ts";
import type { ClassifiedSample } from "../figures/class-map.ts";
import type { Confusion } from "../figures/confusion.ts";
import type { Figure } from "../figures/figure.ts";
import { membraneFigure, rasterFigure, type SpikeRow, type VoltageRow } from "../figures/recordings.ts";
import type { ProjectionWeights } from "../figures/weights.ts";

export interface RunData {
  /** Name of the folder, without the way to it: a report is the same wherever the run lies. */
  readonly name: string;
  readonly folder: string;
  readonly loaded: LoadedExperiment;
  readonly result: StoredResult | undefined;
  readonly provenance: Provenance;
  readonly metrics: readonly MetricsRow[];
  readonly calibrations: readonly Calibration[];
  readonly evaluations: readonly Evaluation[];
  /** What the trained network does; absent before the end of the run. */
  readonly observed: Observed | undefined;
}

/** One folder of `evaluations/`, as `eventprop evaluate` writes it. */
export interface Evaluation {
  readonly name: string;
  readonly substrate: string;
  readonly split: string;
  readonly samples: number;
  readonly classes: readonly string[];
  readonly accuracy: number | null;
  readonly standardError: number | null;
  readonly loss: number;
  readonly folder: string;
}

/** @throws UserError("file") when the folder is not a run, or was changed */
export function readRun(folder: string): RunData {
  const config = join(folder, RUN_FILES.config);
  if (!existsSync(config))
    throw new UserError("file", `${folder} is not a run folder: it has no ${RUN_FILES.config}`, {
      hint: "name a folder that `train` made, e.g. runs/smoke/latest, or that of a sweep",
    });
  checkRunFiles(folder, RUN_FILES.config);
  const metrics = join(folder, RUN_FILES.metrics);
  return {
    name: basename(resolve(folder)),
    folder,
    loaded: loadExperiment(config),
    result: readResult(folder),
    provenance: readProvenance(folder),
    metrics: existsSync(metrics) ? readMetrics(metrics) : [],
    calibrations: runCalibrationFiles(folder).map((path) => loadCalibration(path)),
    evaluations: readEvaluations(folder),
    observed: readObserved(folder),
  };
}

function readEvaluations(folder: string): Evaluation[] {
  const parent = join(folder, "evaluations");
  if (!existsSync(parent)) return [];
  const names = readdirSync(parent).filter((name) => existsSync(join(parent, name, "result.json")));
  return names.sort().map((name) => {
    const path = join(parent, name, "result.json");
    try {
      const result = JSON.parse(readFileSync(path, "utf8")) as Evaluation;
      return { ...result, name, folder: join(parent, name) };
    } catch (cause) {
      throw new UserError("file", `cannot read ${path}: ${(cause as Error).message}`, { cause });
    }
  });
}

/** Undefined when the evaluation has no classes. */
export function confusionOf({ folder }: Evaluation): Confusion | undefined {
  const path = join(folder, "confusion.csv");
  if (!existsSync(path)) return undefined;
  const { header, rows } = parseCsv(readFileSync(path, "utf8"), path);
  const counts = rows.map(({ cells }) => cells.slice(1).map(Number));
  // A column "none" without an entry tells nothing.
  const last = header.length - 2;
  const empty = header.at(-1) === "none" && counts.every((row) => row[last] === 0);
  return {
    labels: rows.map(({ cells }) => cells[0] as string),
    predictions: header.slice(1, empty ? -1 : undefined),
    counts: empty ? counts.map((row) => row.slice(0, -1)) : counts,
  };
}

/**
 * The samples of an evaluation in the plane of their first two features; undefined for data that are not
 * two-dimensional. Features and their complements, as Yin-Yang has them, count once.
 */
export function classifiedSamples(run: RunData, evaluation: Evaluation): ClassifiedSample[] | undefined {
  const place = planeOf(run, evaluation.split);
  const path = join(evaluation.folder, "predictions.csv");
  if (place === undefined || !existsSync(path)) return undefined;
  const { rows } = parseCsv(readFileSync(path, "utf8"), path);
  const classOf = new Map(evaluation.classes.map((name, i) => [name, i]));
  return rows.flatMap(({ cells }) => {
    const at = cells[1] === "1" ? place(Number(cells[0])) : undefined;
    if (at === undefined) return [];
    const [label, prediction] = [classOf.get(cells[2] as string), classOf.get(cells[3] as string)];
    return [{ ...at, label: label ?? -1, prediction: prediction ?? -1 }];
  });
}

/** The same of the samples that were looked at after the training. */
export function observedInPlane(run: RunData, observed: Observed) {
  const place = planeOf(run, observed.split);
  if (place === undefined) return undefined;
  return observed.labels.map((label, sample) => ({
    ...(place(sample) as { x: number; y: number }),
    label,
    prediction: observed.predictions[sample] as number,
    time: observed.firstSpikes?.[sample] ?? null,
  }));
}

/** Where the samples of a split lie by their first two features; undefined for data that are not two-dimensional. */
function planeOf(
  { loaded }: RunData,
  name: string,
): ((sample: number) => { x: number; y: number } | undefined) | undefined {
  const split = loaded.components.data[name as "test"] as typeof loaded.components.data.test | undefined;
  if (split === undefined || isEventData(split)) return undefined;
  const { featureCount, features, size } = split;
  if (featureCount !== 2 && !(featureCount === 4 && isMirrored(features, size))) return undefined;
  return (sample) =>
    sample < size
      ? { x: features[sample * featureCount]!, y: features[sample * featureCount + 1]! }
      : undefined;
}

/** How often each class was predicted for each label, of the samples that were looked at. */
export function confusionOfObserved({ labels, predictions, classes }: Observed): Confusion {
  const missing = predictions.includes(-1);
  const counts = classes.map(() => new Array<number>(classes.length + (missing ? 1 : 0)).fill(0));
  labels.forEach((label, i) => {
    const prediction = predictions[i]!;
    const at = prediction < 0 ? classes.length : prediction;
    counts[label]![at] = counts[label]![at]! + 1;
  });
  return { labels: classes, predictions: missing ? [...classes, "none"] : classes, counts };
}

function isMirrored(features: Float64Array, samples: number): boolean {
  for (let i = 0; i < 4 * samples; i += 4) {
    if (Math.abs(features[i]! + features[i + 2]! - 1) > 1e-9) return false;
    if (Math.abs(features[i + 1]! + features[i + 3]! - 1) > 1e-9) return false;
  }
  return samples > 0;
}

/** Weights of each projection: on a chip the signed words of all copies. Undefined before the run has ended. */
export function weightsOf(
  run: RunData,
): { unit: "word" | "weight"; projections: ProjectionWeights[] } | undefined {
  const path = join(run.folder, RUN_FILES.weights);
  if (!existsSync(path)) return undefined;
  const { experiment, components } = run.loaded;
  const { network } = components;
  const weights = readWeights(path, network);
  const words = projectionWords(experiment, network, weights, run.calibrations);
  if (words === undefined) {
    const projections = network.projections.map(({ name, offset, sources, targets }) => ({
      name,
      values: weights.subarray(offset, offset + sources * targets),
    }));
    return { unit: "weight", projections };
  }
  const projections = words.map(({ projection: { name }, values }) => {
    const atLimit = values.reduce((count, word) => count + (Math.abs(word) === WEIGHT_MAX ? 1 : 0), 0);
    return { name, values, limit: { size: WEIGHT_MAX, atLimit } };
  });
  return { unit: "word", projections };
}

// Recordings ------------------------------------------------------------------------------------------------

// What `eventprop emulate` wrote: spikes.csv and membrane.csv, and the figures that show one sample of it.

export interface Recording {
  readonly sample: number;
  readonly spikes: readonly SpikeRow[];
  readonly voltages: readonly VoltageRow[];
}

export const RECORDING_FIGURES: readonly {
  readonly name: string;
  readonly summary: string;
  draw(recording: Recording): Figure;
}[] = [
  {
    name: "raster",
    summary: "spikes of one sample that `emulate` recorded, neuron by neuron",
    draw: ({ sample, spikes }) => rasterFigure(`Sample ${sample}`, "", spikes),
  },
  {
    name: "membrane",
    summary: "membranes of one sample that `emulate` recorded",
    draw: ({ sample, spikes, voltages }) => membraneFigure(`Sample ${sample}`, "", voltages, spikes),
  },
];

/** Whether a folder holds what `emulate` wrote. */
export function isRecording(folder: string): boolean {
  return existsSync(join(folder, "spikes.csv"));
}

/** Number of the first sample of a recording; undefined when it has none. */
export function firstSample(folder: string): number | undefined {
  for (const file of ["membrane.csv", "spikes.csv"]) {
    const path = join(folder, file);
    const [first] = existsSync(path) ? parseCsv(readFileSync(path, "utf8"), path).rows : [];
    if (first !== undefined) return Number(first.cells[0]);
  }
  return undefined;
}

/** One sample of a recording. @throws UserError when the folder has none */
export function readRecording(folder: string, sample: number): Recording {
  const rows = (file: string) => {
    const path = join(folder, file);
    if (!existsSync(path))
      throw new UserError("file", `${folder} is not a recording: it has no ${file}`, {
        hint: "name the folder that `emulate` wrote",
      });
    return parseCsv(readFileSync(path, "utf8"), path).rows.map(({ cells }) => cells);
  };
  const all = rows("spikes.csv");
  const voltages = rows("membrane.csv").filter(([number]) => Number(number) === sample);
  const spikes = all.filter(([number]) => Number(number) === sample);
  if (spikes.length + voltages.length === 0)
    throw new UserError("file", `${folder} has nothing of sample ${sample}`, {
      hint: "choose another with --sample",
    });
  const place = ([, population, neuron, time]: readonly string[]): SpikeRow => ({
    population: population as string,
    neuron: Number(neuron),
    time: Number(time),
  });
  return {
    sample,
    spikes: spikes.map(place),
    voltages: voltages.map((cells) => ({ ...place(cells), voltage: Number(cells[4]) })),
  };
}
