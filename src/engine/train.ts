/**
 * The training loop: batches in, updates out, one row of metrics per epoch and split. All that decides the
 * outcome is the plan; a stop or a crash leaves what was written, and a checkpoint to go on from bit for bit.
 */

import { join } from "node:path";
import { UserError } from "../core/errors.ts";
import type { Report } from "../core/progress.ts";
import { epochOrder } from "../data/batches.ts";
import { SPLITS, type Split } from "../data/types.ts";
import type { Checkpoint } from "./checkpoint.ts";
import { type EpochTotals, metricsRow, newTotals } from "./epoch-totals.ts";
import { createLearner, type Learner } from "./learner.ts";
import { type MetricsRow, openMetrics, readMetrics } from "./metrics.ts";
import type { Plan } from "./plan.ts";
import { resumeFrom, saveProgress } from "./progress-file.ts";
import { RUN_FILES } from "./run-folder.ts";
import { openSession, type Session } from "./session.ts";

export interface TrainRequest {
  readonly plan: Plan;
  /** Run folder; metrics and checkpoints are written there. */
  readonly folder: string;
  readonly workers: number;
  readonly report: Report;
  /** Asked after each batch; true ends the run with a checkpoint. */
  readonly stopRequested: () => boolean;
  readonly resume?: Checkpoint;
}

export interface TrainOutcome {
  readonly outcome: "finished" | "interrupted";
  /** Completed epochs. */
  readonly epochs: number;
  readonly weights: Float64Array;
  readonly last: Readonly<Partial<Record<Split, MetricsRow>>>;
}

/** Noise of evaluations is named apart from that of training steps. */
const EVALUATION_RUNS = 2 ** 30;
const RUNS_PER_EVALUATION = 2 ** 12;
/** Time between visits to the event loop, where signals and workers' deaths are heard. */
const LISTEN_MS = 50;

/** @throws UserError("diverged") naming the batch where the loss or a gradient stopped being finite */
export async function train(request: TrainRequest): Promise<TrainOutcome> {
  const { plan, folder, report, stopRequested } = request;
  const { experiment } = plan;
  const { epochs, batch, evaluateEvery, checkpointEvery } = experiment.training;
  const session = await openSession(plan, request.workers, batch);
  const metrics = openMetrics(join(folder, RUN_FILES.metrics));
  try {
    const { network, forward } = session.instance;
    const start = resumeFrom(request.resume, network);
    const learner = createLearner(experiment, network, forward.weightLimits, start.learner);
    const last: Partial<Record<Split, MetricsRow>> = {};
    for (const row of readMetrics(join(folder, RUN_FILES.metrics))) last[row.split as Split] = row;
    const record = (row: MetricsRow): void => {
      metrics.append(row);
      last[row.split as Split] = row;
    };
    const evaluate = (split: Split, epoch: number): Promise<MetricsRow> =>
      evaluateSplit(session, learner, split, epoch, batch);
    const save = (epoch: number, totals?: EpochTotals): void =>
      saveProgress(folder, experiment, learner, epoch, totals);

    const stopped = listener(stopRequested);
    let totals = start.totals;
    for (let epoch = start.epoch; epoch < epochs; epoch++) {
      totals ??= newTotals(network);
      const done = await trainEpoch(session, learner, epoch, totals, plan, stopped);
      if (!done) {
        save(epoch, totals);
        return { outcome: "interrupted", epochs: epoch, weights: learner.evaluated(), last };
      }
      const completed = epoch + 1;
      record(metricsRow(completed, "train", totals, network, learner.learningRate(epoch)));
      totals = undefined;
      if (completed % evaluateEvery === 0 || completed === epochs)
        record(await evaluate("validation", completed));
      if (completed % checkpointEvery === 0 || completed === epochs) save(completed);
      report({
        kind: "step",
        unit: "epoch",
        done: completed,
        total: epochs,
        figures: figures(last),
      });
    }
    record(await evaluate("test", epochs));
    return { outcome: "finished", epochs, weights: learner.evaluated(), last };
  } finally {
    metrics.close();
    await session.close();
  }
}

/**
 * Whether a stop was asked for, after a visit to the event loop where that is heard. Visits are rare, but in
 * epochs that are shorter than their distance they come all the same.
 */
function listener(stopRequested: () => boolean): () => Promise<boolean> {
  let listened = performance.now();
  return async () => {
    if (performance.now() - listened > LISTEN_MS) {
      await new Promise((resolve) => setImmediate(resolve));
      listened = performance.now();
    }
    return stopRequested();
  };
}

/** One pass over the training samples, from `totals.batches` on; false when a stop was asked for. */
async function trainEpoch(
  session: Session,
  learner: Learner,
  epoch: number,
  totals: EpochTotals,
  plan: Plan,
  stopped: () => Promise<boolean>,
): Promise<boolean> {
  const { training, seed } = plan.experiment;
  const { network, splits } = session.instance;
  const size = splits[0]?.labels.length as number;
  const order = epochOrder(size, seed, epoch);
  const batches = Math.ceil(size / training.batch);
  const spikesPerSample = new Float64Array(network.neurons);
  for (; totals.batches < batches; totals.batches++) {
    const start = performance.now();
    const number = totals.batches;
    const samples = order.subarray(number * training.batch, (number + 1) * training.batch);
    const run = epoch * batches + number;
    const sums = await during(`in batch ${number + 1} of epoch ${epoch + 1}`, () =>
      session.run({
        split: 0,
        samples,
        weights: learner.state.weights,
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
    const extra = learner.update(epoch + number / batches, gradient, spikesPerSample);
    if (!allFinite(learner.state.weights)) throw divergence("a weight after its update", epoch, number);
    totals.add(sums, extra * count, performance.now() - start);
    if (await stopped()) {
      totals.batches++;
      return false;
    }
  }
  return true;
}

async function evaluateSplit(
  session: Session,
  learner: Learner,
  split: Split,
  epoch: number,
  runSize: number,
): Promise<MetricsRow> {
  const { network, splits } = session.instance;
  const index = SPLITS.indexOf(split);
  const size = splits[index]?.labels.length as number;
  const totals = newTotals(network);
  const run = EVALUATION_RUNS + (epoch * SPLITS.length + index) * RUNS_PER_EVALUATION;
  const place = `in the evaluation of the ${split} samples after epoch ${epoch}`;
  const weights = learner.evaluated();
  if (!allFinite(weights)) throw notFinite("a weight", place);
  // Whole runs per job, so that no run is cut in two.
  const job = runSize * Math.max(1, Math.floor(session.largestJob / runSize));
  for (let from = 0; from < size; from += job) {
    const start = performance.now();
    const count = Math.min(job, size - from);
    const sums = await during(place, () =>
      session.run({
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

/** Says where in the run a sample diverged, which a simulator cannot know. */
async function during<T>(place: string, action: () => Promise<T>): Promise<T> {
  try {
    return await action();
  } catch (error) {
    if (!(error instanceof UserError) || error.code !== "diverged") throw error;
    const { message, hint } = error;
    throw new UserError("diverged", `${message}, ${place}`, {
      cause: error,
      ...(hint === undefined ? {} : { hint: `${hint}; what was written up to here is kept` }),
    });
  }
}

function figures(last: Partial<Record<Split, MetricsRow>>): Record<string, number> {
  const { train, validation } = last;
  return {
    loss: train?.loss ?? Number.NaN,
    accuracy: train?.accuracy ?? Number.NaN,
    ...(validation?.accuracy == null ? {} : { validation: validation.accuracy }),
    silent: train?.silent_neurons ?? 0,
  };
}
