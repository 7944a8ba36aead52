/**
 * What a run will take, before it is run: time from a probe, memory and bytes from sizes. The probe runs a few batches
 * of the experiment itself on one thread, at its first weights, and writes nothing. It knows neither how many spikes a
 * trained network has nor what else the machine does: the time is good to a factor of about two.
 */

import type { Calibration } from "../calibration/types.ts";
import { openChip } from "../chip/index.ts";
import { noiseRun } from "../core/noise-runs.ts";
import type { LoadedExperiment } from "../experiment/load.ts";
import { calibrationNeeds, findStored, namedCalibrations } from "./calibration-search.ts";
import { openParallelExecutor, type ParallelExecutor } from "./parallel-executor.ts";
import { prepareRun } from "./run-config.ts";
import { createTrainer } from "./trainer.ts";

/** The probe ends after so many batches, or when it has run so long, ms; the first batches compile code. */
const MOST_BATCHES = 40;
const PROBE_MS = 700;
const FIRST_BATCHES = 2;
/** Starting the program, opening the data, and the end of a run, s; measured on the smoke experiment. */
const START_SECONDS = 1;
/** Of the runtime before it holds data, and per worker; measured as the resident size of the smoke experiment. */
const PROGRAM_BYTES = 110e6;
const WORKER_BYTES = 60e6;
/** Characters of a weight in weights.json, and copies of the weights in a checkpoint: themselves and two moments. */
const WEIGHT_TEXT = 22;
const CHECKPOINT_COPIES = 3;
/** Of a row of metrics.csv, and of all other files of a run folder. */
const ROW_BYTES = 500;
const OTHER_BYTES = 300e3;

export interface RunEstimate {
  /** Seconds of the whole training; null where the chip is to be calibrated first. */
  readonly seconds: number | null;
  /** Seconds of an epoch with its evaluation. */
  readonly secondsPerEpoch: number | null;
  readonly memoryBytes: number;
  /** Of the run folder at the end. */
  readonly diskBytes: number;
  /** That leave the chip in one epoch of training; null in software, and where it is to be calibrated first. */
  readonly observedBytesPerEpoch: number | null;
  /** Where the time comes from, or why there is none. */
  readonly basis: string;
}

export async function estimateRun(loaded: LoadedExperiment, workers: number): Promise<RunEstimate> {
  const { experiment, components } = loaded;
  const { data, needs, network } = components;
  const { epochs, evaluateEvery, evaluateTest, batch } = experiment.training;
  const rows = epochs + Math.floor(epochs / evaluateEvery) + 1;
  const sizes = {
    memoryBytes: PROGRAM_BYTES + (workers - 1) * WORKER_BYTES + needs.weightBytes + workers * needs.dataBytes,
    diskBytes: OTHER_BYTES + network.parameters * (WEIGHT_TEXT + 8 * CHECKPOINT_COPIES) + rows * ROW_BYTES,
  };
  const calibrations = await storedCalibrations(loaded);
  if (calibrations === undefined)
    return {
      ...sizes,
      seconds: null,
      secondsPerEpoch: null,
      observedBytesPerEpoch: null,
      basis:
        "no time: the chip is to be calibrated first, which takes some ten seconds for each of its targets",
    };
  const prepared = prepareRun({ experiment, calibrations }, components);
  const executor = await openParallelExecutor(prepared, 1, batch);
  try {
    const training = await probe(executor, loaded, true);
    const evaluation = await probe(executor, loaded, false);
    const ofEpoch =
      training.seconds * data.train.size + (evaluation.seconds * data.validation.size) / evaluateEvery;
    const test = evaluateTest ? evaluation.seconds * data.test.size : 0;
    const onChip = experiment.chip.kind !== "software";
    return {
      ...sizes,
      seconds: START_SECONDS + (epochs * ofEpoch + test) / workers,
      secondsPerEpoch: ofEpoch / workers,
      observedBytesPerEpoch: onChip ? Math.round(training.bytes * data.train.size) : null,
      basis: `a probe of ${training.samples} samples at the first weights, divided by ${workers} workers`,
    };
  } finally {
    await executor.close();
  }
}

/** Seconds per sample in the median batch, and observed bytes per sample. */
async function probe(executor: ParallelExecutor, { experiment }: LoadedExperiment, withGradient: boolean) {
  const { network, executor: substrate, splits } = executor.replica;
  const { weights } = createTrainer(experiment, network, substrate.weightLimits).state;
  const { batch } = experiment.training;
  const all = splits[0]!.labels.length;
  const size = Math.min(batch, all);
  const times: number[] = [];
  let bytes = 0;
  const end = performance.now() + PROBE_MS;
  for (
    let number = 0;
    number < MOST_BATCHES && (number <= FIRST_BATCHES || performance.now() < end);
    number++
  ) {
    const from = (number * batch) % Math.max(1, all - size + 1);
    const start = performance.now();
    const { statistics } = await executor.run({
      split: 0,
      samples: Int32Array.from({ length: size }, (_, i) => from + i),
      weights,
      withGradient,
      run: noiseRun("training", number),
      runSize: batch,
    });
    if (number < FIRST_BATCHES) continue;
    times.push((performance.now() - start) / 1000);
    bytes += statistics.bytesObserved;
  }
  const samples = times.length * size;
  times.sort((a, b) => a - b);
  return { samples, seconds: times[times.length >> 1]! / size, bytes: bytes / samples };
}

/** Undefined when one of them is to be measured. */
async function storedCalibrations({
  experiment,
}: LoadedExperiment): Promise<ReadonlyMap<string, Calibration> | undefined> {
  const calibrations = new Map<string, Calibration>();
  if (experiment.chip.kind === "software") return calibrations;
  const device = await openChip(experiment.chip);
  try {
    for (const need of calibrationNeeds(experiment, device.info.id)) {
      const found = findStored(need, namedCalibrations(experiment), () => {});
      if (found === undefined) return undefined;
      for (const population of need.populations) calibrations.set(population, found.calibration);
    }
  } finally {
    await device.close();
  }
  return calibrations;
}
