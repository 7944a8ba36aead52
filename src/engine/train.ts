/**
 * The training loop: batches in, updates out, one row of metrics per epoch and split. All that decides the
 * outcome is the prepared run; a stop or a crash leaves what was written, and a checkpoint to go on from bit for bit.
 *
 * One module, though long: an epoch, an evaluation and the ends of a run are stages of one loop.
 */

import { join } from "node:path";
import { UserError } from "../core/errors.ts";
import { eventLoopVisits } from "../core/event-loop.ts";
import { noiseRun } from "../core/noise-runs.ts";
import type { Report } from "../core/progress.ts";
import { epochOrder } from "../data/batches.ts";
import { SPLITS, type Split } from "../data/types.ts";
import type { LoggedOutcome } from "../loggers/types.ts";
import { type CheckpointHead, type Start, saveProgress } from "./checkpoint.ts";
import { type EpochTotals, metricsRow, newTotals } from "./epoch-totals.ts";
import { evaluationRun } from "./evaluation.ts";
import { loggedRow, openRunLoggers } from "./log.ts";
import { type MetricsRow, openMetrics, partColumns, readMetrics } from "./metrics.ts";
import { openParallelExecutor, type ParallelExecutor } from "./parallel-executor.ts";
import type { PreparedRun } from "./run-config.ts";
import { RUN_FILES } from "./run-folder.ts";
import { createSelection } from "./selection.ts";
import { evaluationJob } from "./shard.ts";
import { createTrainer, type Trainer, type UpdateTraffic, updateTraffic } from "./trainer.ts";
import { createWatch, type Warning, warningLine } from "./warnings.ts";

export interface TrainRequest {
  readonly prepared: PreparedRun;
  /** Run folder; metrics and checkpoints are written there. */
  readonly folder: string;
  readonly workers: number;
  readonly report: Report;
  /** Asked after each batch; true ends the run with a checkpoint. */
  readonly stopRequested: () => boolean;
  /** Where to go on; the beginning when absent. */
  readonly start?: Start;
  /** Weights to begin with, in the layout of the network; drawn by the experiment's seed when absent. */
  readonly initialWeights?: Float64Array;
  /** Absent where the run is never resumed: then there are no checkpoints. */
  readonly checkpoints?: CheckpointHead;
  /** Called when everything is open and the first checkpoint is written: the folder holds a run from here on. */
  readonly begun?: () => void;
  /** Kept up to date, for the report on a run that fails. */
  readonly progress?: TrainProgress;
}

/** What a run has completed. */
export interface TrainProgress {
  epochs: number;
  /** The last row of each split. */
  readonly last: Partial<Record<Split, MetricsRow>>;
  /** Every condition that was seen, also in the legs of the run before this one. */
  readonly warnings: Warning[];
  /** Row of the validation whose weights are kept as the best. */
  best?: MetricsRow | undefined;
  /** Where only words are kept. */
  updates?: UpdateTraffic | undefined;
}

export interface TrainOutcome {
  readonly outcome: "finished" | "interrupted";
  /** Completed epochs. */
  readonly epochs: number;
  readonly weights: Float64Array;
  readonly last: Readonly<Partial<Record<Split, MetricsRow>>>;
}

/** At most this much work is lost when the program is killed; more where writing a checkpoint takes long. */
const CHECKPOINT_MS = 30_000;
/** Share of the time that may go into checkpoints. */
const CHECKPOINT_SHARE = 0.05;

/** @throws UserError("diverged") naming the batch where the loss or a gradient stopped being finite */
export async function train(request: TrainRequest): Promise<TrainOutcome> {
  const { prepared, folder, report, stopRequested, start = { epoch: 0 } } = request;
  const { experiment } = prepared;
  const { epochs, batch, evaluateEvery, checkpointEvery } = experiment.training;
  const parallel = await openParallelExecutor(prepared, request.workers, batch);
  const metricsPath = join(folder, RUN_FILES.metrics);
  const { network, executor, splits, loss } = parallel.replica;
  const metrics = openMetrics(metricsPath, partColumns(network), start.metrics);
  let closeLogger = (_outcome: LoggedOutcome): void => {};
  let ended: LoggedOutcome = "failed";
  try {
    const trainer = createTrainer(
      experiment,
      network,
      executor.weightLimits,
      start.trainer,
      request.initialWeights,
      executor.weightSteps,
    );
    const selection = createSelection(experiment.training);
    const progress: TrainProgress = request.progress ?? { epochs: 0, last: {}, warnings: [] };
    const { last, warnings } = progress;
    progress.epochs = start.epoch;
    const watch = createWatch({
      network,
      weightSteps: executor.weightSteps,
      lossOfEqualScores: loss.ofEqualScores,
    });
    /** True when the weights that are evaluated now are the best so far. */
    const selectBy = (row: MetricsRow): boolean => {
      if (row.loss !== null) trainer.observeValidation(row.loss);
      const better = selection.observe(row);
      progress.best = selection.best;
      return better;
    };
    const earlier = readMetrics(metricsPath);
    const logger = openRunLoggers(experiment, folder, earlier);
    closeLogger = logger.close;
    for (const row of earlier) {
      last[row.split as Split] = row;
      warnings.push(...watch(row));
      if (row.split === "validation") selectBy(row);
    }
    const record = (row: MetricsRow): void => {
      progress.updates = updateTraffic(network, trainer.state);
      metrics.append(row);
      logger.append(loggedRow(row));
      last[row.split as Split] = row;
      if (row.split === "train") progress.epochs = row.epoch;
      for (const warning of watch(row)) {
        warnings.push(warning);
        report({ kind: "warning", message: warningLine(warning), hint: warning.hint });
      }
    };
    /** What the run is about: the best weights where they are kept, else those that are evaluated now. */
    const final = (): Float64Array => trainer.state.best ?? trainer.evaluated();
    /** Adds a row for the split; none for a split without samples, which has no mean. */
    const evaluate = async (split: Split, epoch: number): Promise<void> => {
      if (splits[SPLITS.indexOf(split)]!.labels.length === 0) return;
      const weights = split === "test" ? final() : trainer.evaluated();
      const row = await evaluateSplit(parallel, weights, split, epoch, batch);
      record(row);
      if (split === "validation" && selectBy(row)) trainer.keep();
    };
    const checkpoints = checkpointClock((epoch, totals, ended = false) => {
      if (request.checkpoints === undefined) return;
      // The rows first: the checkpoint counts on them.
      saveProgress(folder, request.checkpoints, { trainer, epoch, ended, metrics: metrics.sync(), totals });
    });
    // From the first checkpoint on there is a run to go on with; this one also says how long it is meant to be.
    if (start.trainer === undefined || start.longer === true) checkpoints.save(start.epoch, start.totals);
    request.begun?.();

    const visit = eventLoopVisits();
    let totals = start.totals;
    let epoch = start.epoch;
    for (; epoch < epochs && !selection.exhausted; epoch++) {
      totals ??= newTotals(network);
      const sums = totals;
      const done = await trainEpoch(parallel, trainer, epoch, sums, prepared, async (batches) => {
        checkpoints.saveWhenDue(epoch, sums);
        report({
          kind: "step",
          unit: "epoch",
          done: epoch + sums.batches / batches,
          total: epochs,
          part: { unit: "batch", done: sums.batches, total: batches },
          figures: figures(last),
        });
        // Where a stop is heard.
        await visit();
        return stopRequested();
      });
      if (!done) {
        checkpoints.save(epoch, totals);
        ended = "interrupted";
        return { outcome: "interrupted", epochs: epoch, weights: final(), last };
      }
      const completed = epoch + 1;
      record(metricsRow(completed, "train", totals, network, trainer.learningRate(epoch)));
      totals = undefined;
      if (completed % evaluateEvery === 0 || completed === epochs) await evaluate("validation", completed);
      if (completed === 1 || completed % checkpointEvery === 0 || completed === epochs)
        checkpoints.save(completed);
      report({
        kind: "step",
        unit: "epoch",
        done: completed,
        total: epochs,
        figures: figures(last),
      });
    }
    if (epoch < epochs)
      report({
        kind: "phase",
        name: "stopped early",
        detail: `the validation has not become better for ${experiment.training.earlyStopping?.patience} evaluations`,
      });
    if (start.ended !== true || epoch > start.epoch) {
      if (experiment.training.evaluateTest) await evaluate("test", epoch);
      checkpoints.save(epoch, undefined, true);
    }
    ended = "finished";
    return { outcome: "finished", epochs: epoch, weights: final(), last };
  } finally {
    metrics.close();
    closeLogger(ended);
    await parallel.close();
  }
}

/** Saves when told, and when the last time is long ago. */
function checkpointClock(save: (epoch: number, totals?: EpochTotals, ended?: boolean) => void) {
  let due = performance.now() + CHECKPOINT_MS;
  const saveNow: typeof save = (...state) => {
    const start = performance.now();
    save(...state);
    const end = performance.now();
    due = end + Math.max(CHECKPOINT_MS, (end - start) / CHECKPOINT_SHARE);
  };
  return {
    save: saveNow,
    saveWhenDue(epoch: number, totals: EpochTotals): void {
      if (performance.now() > due) saveNow(epoch, totals);
    },
  };
}

/**
 * One pass over the training samples, from `totals.batches` on; false when a stop was asked for.
 * @param stopped asked after each batch, whose sums are then part of `totals`; gets the batches of an epoch
 */
async function trainEpoch(
  parallel: ParallelExecutor,
  trainer: Trainer,
  epoch: number,
  totals: EpochTotals,
  { experiment }: PreparedRun,
  stopped: (batches: number) => Promise<boolean>,
): Promise<boolean> {
  const { training, seed } = experiment;
  const { network, splits } = parallel.replica;
  const size = splits[0]?.labels.length as number;
  const order = epochOrder(size, seed, epoch);
  const batches = Math.ceil(size / training.batch);
  const spikesPerSample = new Float64Array(network.neurons);
  while (totals.batches < batches) {
    const start = performance.now();
    const number = totals.batches;
    const samples = order.subarray(number * training.batch, (number + 1) * training.batch);
    const run = noiseRun("training", epoch * batches + number);
    const sums = await during(`in batch ${number + 1} of epoch ${epoch + 1}`, () =>
      parallel.run({
        split: 0,
        samples,
        weights: trainer.state.weights,
        withGradient: true,
        run,
        runSize: training.batch,
      }),
    );
    const count = samples.length;
    const { gradient } = sums;
    let finite = sums.statistics.loss;
    for (let i = 0; i < gradient.length; i++) {
      gradient[i] = gradient[i]! / count;
      finite += gradient[i]!;
    }
    for (let i = 0; i < spikesPerSample.length; i++) spikesPerSample[i] = sums.spikeCounts[i]! / count;
    const { loss } = sums.statistics;
    if (!Number.isFinite(finite))
      throw divergence(Number.isFinite(loss) ? "a gradient" : "the loss", epoch, number);
    totals.addGradient(gradient);
    const { extra, clipped } = trainer.update(epoch + number / batches, gradient, spikesPerSample);
    totals.addClipped(clipped);
    if (!allFinite(trainer.state.weights)) throw divergence("a weight after its update", epoch, number);
    totals.add(sums, extra * count, performance.now() - start);
    totals.batches++;
    if (await stopped(batches)) return false;
  }
  return true;
}

async function evaluateSplit(
  parallel: ParallelExecutor,
  weights: Float64Array,
  split: Split,
  epoch: number,
  runSize: number,
): Promise<MetricsRow> {
  const { network, splits } = parallel.replica;
  const index = SPLITS.indexOf(split);
  const size = splits[index]?.labels.length as number;
  const totals = newTotals(network);
  const run = evaluationRun(epoch, index);
  const place = `in the evaluation of the ${split} samples after epoch ${epoch}`;
  if (!allFinite(weights)) throw notFinite("a weight", place);
  const job = evaluationJob(runSize, parallel.largestJob);
  for (let from = 0; from < size; from += job) {
    const start = performance.now();
    const count = Math.min(job, size - from);
    const sums = await during(place, () =>
      parallel.run({
        split: index,
        samples: Int32Array.from({ length: count }, (_, i) => from + i),
        weights,
        withGradient: false,
        run: run + from / runSize,
        runSize,
      }),
    );
    if (!Number.isFinite(sums.statistics.loss)) throw notFinite("the loss", place);
    totals.add(sums, 0, performance.now() - start);
  }
  return metricsRow(epoch, split, totals, network, null);
}

/** Asked after each batch, so in a plain loop. */
function allFinite(values: Float64Array): boolean {
  for (let i = 0; i < values.length; i++) if (!Number.isFinite(values[i])) return false;
  return true;
}

function divergence(what: string, epoch: number, batch: number): UserError {
  return notFinite(what, `in batch ${batch + 1} of epoch ${epoch + 1}`);
}

function notFinite(what: string, place: string): UserError {
  return new UserError("diverged", `${what} is not finite ${place}`, {
    hint: "lower optimizer.learningRate, or initial weights; what was written up to here is kept",
  });
}

/** Says where in the run a sample diverged or a worker failed, which these cannot know. */
async function during<T>(place: string, action: () => Promise<T>): Promise<T> {
  try {
    return await action();
  } catch (error) {
    if (!(error instanceof UserError) || (error.code !== "diverged" && error.code !== "worker")) throw error;
    const { code, message, hint } = error;
    const kept = hint?.includes("is kept") ? hint : hint && `${hint}; what was written up to here is kept`;
    throw new UserError(code, `${message}, ${place}`, {
      cause: error,
      ...(kept === undefined ? {} : { hint: kept }),
    });
  }
}

/** None before the first epoch is complete. */
function figures(last: Partial<Record<Split, MetricsRow>>): Record<string, number> {
  const { train, validation } = last;
  if (train === undefined) return {};
  return {
    loss: train.loss ?? Number.NaN,
    accuracy: train.accuracy ?? Number.NaN,
    ...(validation?.accuracy == null ? {} : { validation: validation.accuracy }),
    silent: train.silent_neurons ?? 0,
  };
}
