/** An experiment on another substrate: another instance of its chip, or none. */

import { join } from "node:path";
import { writeAtomic } from "../core/durable-files.ts";
import { UserError } from "../core/errors.ts";
import { noiseRun } from "../core/noise-runs.ts";
import type { Report } from "../core/progress.ts";
import type { Start } from "../engine/checkpoint.ts";
import { chipCalibrations } from "../engine/chip-calibrations.ts";
import { sliceBatch } from "../engine/evaluation.ts";
import { type Executor, noCost } from "../engine/executor.ts";
import { type MetricsRow, readMetrics } from "../engine/metrics.ts";
import { type PreparedRun, prepareRun } from "../engine/run-config.ts";
import { createRunFolder, RUN_FILES } from "../engine/run-folder.ts";
import { train } from "../engine/train.ts";
import { weightsText } from "../engine/weights-file.ts";
import { networkOf } from "../experiment/network.ts";
import type { Experiment } from "../experiment/schema.ts";
import type { InputBatch, Observation } from "../network/observation.ts";
import { createOptimizer } from "../optimize/optimizers/index.ts";

type SimulatedChip = Extract<Experiment["chip"], { readonly kind: "simulated" }>;

/** @throws UserError("compatibility") when its chip is not a simulated instance: only these come in numbers */
export function simulatedChip({ chip }: Pick<Experiment, "chip">): SimulatedChip {
  if (chip.kind === "simulated") return chip;
  throw new UserError("compatibility", `the study needs simulated chips, the experiment has ${chip.kind}`, {
    hint: "give it chip: { kind: simulated }",
  });
}

/**
 * The experiment on the simulated chip of a seed, calibrated as usual.
 * @throws UserError("compatibility") when it has no simulated chip
 */
export async function onChip(experiment: Experiment, seed: number, report: Report): Promise<PreparedRun> {
  const moved = { ...experiment, chip: { ...simulatedChip(experiment), seed } };
  return prepareRun({ experiment: moved, calibrations: await chipCalibrations(moved, report) });
}

/** The experiment in the ideal model: exact simulation with its nominal constants. */
export function inIdealModel(experiment: Experiment): PreparedRun {
  return prepareRun({ experiment: { ...experiment, chip: { kind: "software" } }, calibrations: new Map() });
}

// What a study needs ----------------------------------------------------------------------------------------

// What every study needs from its caller.

export interface StudyContext {
  /** Its folder; each training run gets one inside. */
  readonly folder: string;
  /** Threads of a training run, the calling one among them. */
  readonly workers: number;
  readonly report: Report;
}

// Samples in runs -------------------------------------------------------------------------------------------

// Sends samples to whatever a network runs on in runs of a given size: what varies from run to run is seen as such.

/**
 * Calls `visit` for each sample in order, with the weights that `executor` holds; the observation is reused.
 * @param runSize samples of a run
 */
export async function observeInRuns(
  executor: Executor,
  inputs: InputBatch,
  runSize: number,
  visit: (sample: number, observation: Observation) => void,
): Promise<void> {
  const cost = noCost();
  for (let from = 0; from < inputs.samples; from += runSize) {
    const run = sliceBatch(inputs, from, Math.min(from + runSize, inputs.samples));
    const number = noiseRun("study", from / runSize);
    await executor.observe(run, number, (sample, observation) => visit(from + sample, observation), cost);
  }
}

// Training in the loop --------------------------------------------------------------------------------------

// One training run of a study, in a folder of its own inside the study's: metrics and weights.

export interface Trained {
  readonly weights: Float64Array;
  readonly metrics: readonly MetricsRow[];
}

/**
 * Trains to the end of the run's epochs.
 * @param name of the folder
 * @param start weights to go on from; those of the experiment's seed when absent
 * @throws UserError("diverged")
 */
export async function trainInLoop(
  prepared: PreparedRun,
  name: string,
  context: StudyContext,
  start?: Float64Array,
): Promise<Trained> {
  const { report, workers } = context;
  const { experiment } = prepared;
  const folder = createRunFolder({
    experiment: experiment.name,
    out: join(context.folder, name),
    now: new Date(),
  });
  report({ kind: "phase", name: "train", detail: `${name}, ${experiment.training.epochs} epochs` });
  const { weights } = await train({
    prepared,
    folder,
    workers,
    report,
    stopRequested: () => false,
    ...(start === undefined ? {} : { start: startFrom(prepared, start) }),
  });
  const network = networkOf(experiment, prepared.inputs);
  writeAtomic(join(folder, RUN_FILES.weights), weightsText(weights, network));
  return { weights, metrics: readMetrics(join(folder, RUN_FILES.metrics)) };
}

/** A beginning with other weights: fresh optimizer, first epoch, no average yet. */
function startFrom({ experiment }: PreparedRun, weights: Float64Array): Start {
  const optimizer = createOptimizer(experiment.optimizer).init(weights.length);
  return { epoch: 0, trainer: { weights: weights.slice(), optimizer } };
}
