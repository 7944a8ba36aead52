/**
 * What the gradients of the estimators have to do with the loss that a noisy chip has on average, before, during and after
 * a training in the loop.
 *
 * The mean loss ⟨L⟩ is a mean over samples and runs, each run with noise of its own. It is differentiated without any
 * model: all weights of a projection are moved by ±h at once, with random signs d, and the same samples are run with the
 * same noise at w + hd and w − hd,
 *
 *     f(d) = (⟨L⟩(w + hd) − ⟨L⟩(w − hd)) / 2h        h a whole number of steps of the chip's weights
 *
 * (simultaneous perturbation: J. C. Spall, IEEE Trans. Automat. Contr. 37, 1992). For random signs, the mean of f(d) (g·d)
 * is the product of g with the gradient of ⟨L⟩, hence with sums over directions
 *
 *     cosine = Σ f (g·d) / √(Σ f² Σ (g·d)²)        size = Σ f (g·d) / Σ (g·d)²
 *
 * `size` is the change of the loss over what g says it is: below 1, g is too long. Noise that is left in f makes Σ f² too
 * large. How much is seen from f of the even runs and f of the odd ones: with their correlation r, f of all has the
 * reliability 2r/(1 + r) (Spearman, Brown), and the cosine is divided by its root. Errors are those of the jackknife over
 * ten groups of directions.
 *
 * What h leaves out: f is a difference, so it sees spikes that appear or vanish within ±h. This is what is asked; but a
 * loss that curves within h makes f differ from the slope at w.
 *
 * One module, though long: the differences, the gradients and their comparison are the stages of one estimate.
 */

import { noiseRun } from "../../core/noise-runs.ts";
import { stream } from "../../core/random.ts";
import { sliceBatch } from "../../engine/evaluation.ts";
import { type Executor, noCost, substrateOf } from "../../engine/executor.ts";
import { type PreparedRun, recordingRequests } from "../../engine/run-config.ts";
import { networkOf } from "../../experiment/network.ts";
import type { Experiment } from "../../experiment/schema.ts";
import { initialWeights } from "../../experiment/weights.ts";
import {
  createEstimator,
  defaultEstimator,
  ESTIMATOR_KINDS,
  type EstimatorConfig,
  estimatorIncompatibility,
} from "../../gradient/index.ts";
import type { Estimator, GradientCounts } from "../../gradient/types.ts";
import { createLoss } from "../../loss/index.ts";
import { emptyCotangent, emptyLossValue, type Loss } from "../../loss/types.ts";
import type { Network, Projection } from "../../network/network.ts";
import type { InputBatch, Observation, RecordingRequest } from "../../network/observation.ts";
import { onChip, type StudyContext, trainInLoop } from "../on-chip.ts";

export interface GradientStudyOptions {
  /** Chips. */
  readonly seeds: readonly number[];
  /** Epochs of training before the gradients are looked at; each number is a training of its own, 0 none. */
  readonly epochs: readonly number[];
  /** Of the training samples, the first ones. */
  readonly samples: number;
  /** How often each sample is run; even. */
  readonly runs: number;
  readonly directions: number;
}

/** One estimator on one projection, after some training on one chip. */
export interface GradientRow {
  readonly chip: number;
  readonly epochs: number;
  readonly estimator: string;
  readonly projection: string;
  /** Cosine with the gradient of the mean loss, and its standard error; null where either is 0. */
  readonly cosine: number | null;
  readonly cosineError: number | null;
  /** Change of the mean loss over what the estimator says it is, along the directions. */
  readonly size: number | null;
  /** Variance of the gradient of a batch over the squared length of the mean gradient. */
  readonly variance: number | null;
  /** The part of it that noise makes: batches of the same samples. */
  readonly noiseVariance: number | null;
}

export interface GradientStudy extends GradientStudyOptions {
  readonly batch: number;
  readonly rows: readonly GradientRow[];
}

/** @throws UserError("compatibility") when the experiment has no simulated chip */
export async function gradientStudy(
  experiment: Experiment,
  options: GradientStudyOptions,
  context: StudyContext,
): Promise<GradientStudy> {
  const rows: GradientRow[] = [];
  const { batch } = experiment.training;
  for (const chip of options.seeds) {
    const prepared = await onChip(experiment, chip, context.report);
    for (const epochs of options.epochs) {
      const weights = await weightsAfter(prepared, epochs, `chip-${chip}-epochs-${epochs}`, context);
      const found = await compareWithMeanLoss(prepared, weights, options, context);
      rows.push(...found.map((row) => ({ chip, epochs, ...row })));
    }
  }
  return { ...options, batch, rows };
}

async function weightsAfter(
  prepared: PreparedRun,
  epochs: number,
  name: string,
  context: StudyContext,
): Promise<Float64Array> {
  const { experiment, inputs } = prepared;
  if (epochs === 0) return initialWeights(experiment, networkOf(experiment, inputs));
  const training = { ...experiment.training, epochs, evaluateTest: false };
  const short = { ...prepared, experiment: { ...experiment, training } };
  return (await trainInLoop(short, name, context)).weights;
}

/** All estimators of the table that serve here: the experiment's as it is, others with their defaults and its slope floor. */
export function estimatorsOf(network: Network, loss: Loss, own: EstimatorConfig): EstimatorConfig[] {
  return ESTIMATOR_KINDS.flatMap((kind) => {
    if (kind === own.kind) return [own];
    const config = defaultEstimator(kind);
    const floor = "slopeFloor" in own && "slopeFloor" in config ? { slopeFloor: own.slopeFloor } : {};
    const all = { ...config, ...floor } as EstimatorConfig;
    return estimatorIncompatibility(network, loss, all) === undefined ? [all] : [];
  });
}

type Comparison = Omit<GradientRow, "chip" | "epochs">;

async function compareWithMeanLoss(
  { experiment, inputs, splits, calibrations, placement }: PreparedRun,
  weights: Float64Array,
  { samples, runs, directions }: GradientStudyOptions,
  { report }: StudyContext,
): Promise<Comparison[]> {
  const nominal = networkOf(experiment, inputs);
  const loss = createLoss(nominal, experiment.loss);
  const substrate = substrateOf(experiment, nominal, calibrations, placement);
  const { network } = substrate;
  const configs = estimatorsOf(network, loss, experiment.estimator);
  const estimators = configs.map((config) => createEstimator(network, config));
  const [split] = splits;
  if (split === undefined) throw new Error("no training samples");
  const used = sliceBatch(split.inputs, 0, Math.min(samples, split.inputs.samples));
  const executor = await substrate.open(requestsOfAll(network, loss, estimators));
  const bench: Bench = { executor, loss, inputs: used, labels: split.labels, runs };
  try {
    // From here on the weights are on the grid of the chip.
    const base = (await executor.load(weights)).effective.slice();
    const gradients = await batchGradients(bench, estimators, base, experiment.training.batch);
    const rows: Comparison[] = [];
    for (const [p, projection] of network.projections.entries()) {
      report({ kind: "phase", name: "mean loss", detail: `${projection.name}, ${directions} directions` });
      const along = await differences(bench, base, projection, p, directions, (done) =>
        report({ kind: "step", unit: "direction", done, total: directions }),
      );
      for (const [e, config] of configs.entries()) {
        const own = gradients[e]!;
        rows.push({
          estimator: config.kind,
          projection: projection.name,
          ...agreementAlong(along, meanOf(own), projection),
          ...varianceOf(own, projection),
        });
      }
    }
    return rows;
  } finally {
    await executor.close();
  }
}

/** Of each population, what any of them reads. */
function requestsOfAll(network: Network, loss: Loss, estimators: readonly Estimator[]): RecordingRequest[] {
  const each = estimators.map((estimator) => recordingRequests(network, loss, estimator));
  return network.populations.map(
    (_, p) => each.map((requests) => requests[p]!).find(({ kind }) => kind !== "none") ?? { kind: "none" },
  );
}

interface Bench {
  readonly executor: Executor;
  readonly loss: Loss;
  readonly inputs: InputBatch;
  readonly labels: Uint8Array;
  readonly runs: number;
}

/** Runs all samples once with the weights that are loaded. The noise of a run is the same for all weights. */
async function runOnce(
  { executor, inputs }: Bench,
  run: number,
  visit: (sample: number, observation: Observation) => void,
): Promise<void> {
  await executor.observe(inputs, noiseRun("study", run), visit, noCost());
}

// What the estimators say ------------------------------------------------------------------------------------

/** Gradients of one estimator [run][batch], each a mean over the samples of the batch. */
type BatchGradients = readonly (readonly Float64Array[])[];

async function batchGradients(
  bench: Bench,
  estimators: readonly Estimator[],
  weights: Float64Array,
  batch: number,
): Promise<BatchGradients[]> {
  const { inputs, loss, labels, runs } = bench;
  const cotangent = emptyCotangent();
  const value = emptyLossValue();
  const counts: GradientCounts = { cappedJumps: 0, spikes: 0 };
  const batches = Math.ceil(inputs.samples / batch);
  const all = estimators.map(() =>
    Array.from({ length: runs }, () =>
      Array.from({ length: batches }, () => new Float64Array(weights.length)),
    ),
  );
  for (let run = 0; run < runs; run++) {
    await runOnce(bench, run, (sample, observation) => {
      loss.evaluate(observation, labels[sample]!, cotangent, value);
      estimators.forEach((estimator, e) => {
        const gradient = all[e]![run]![Math.floor(sample / batch)]!;
        estimator.accumulate(observation, weights, cotangent, gradient, counts);
      });
    });
  }
  for (const ofRun of all.flat()) {
    for (const [b, gradient] of ofRun.entries()) {
      const size = Math.min(batch, inputs.samples - b * batch);
      for (let i = 0; i < gradient.length; i++) gradient[i] = gradient[i]! / size;
    }
  }
  return all;
}

function meanOf(gradients: BatchGradients): Float64Array {
  return meanVector(gradients.flat());
}

function meanVector(vectors: readonly Float64Array[]): Float64Array {
  const mean = new Float64Array(vectors[0]!.length);
  for (const vector of vectors) {
    for (let i = 0; i < mean.length; i++) mean[i] = mean[i]! + vector[i]! / vectors.length;
  }
  return mean;
}

/** Variances of a batch's gradient, over batches and runs and over runs alone, relative to the mean's squared length. */
function varianceOf(
  gradients: BatchGradients,
  { offset, sources, targets }: Projection,
): Pick<GradientRow, "variance" | "noiseVariance"> {
  const cut = (vector: Float64Array): Float64Array => vector.subarray(offset, offset + sources * targets);
  const runs = gradients.map((run) => run.map(cut));
  const all = runs.flat();
  const length = squaredDistance(meanVector(all));
  if (length === 0) return { variance: null, noiseVariance: null };
  const scatter = (vectors: readonly Float64Array[]): number => {
    const mean = meanVector(vectors);
    const sum = vectors.reduce((total, vector) => total + squaredDistance(vector, mean), 0);
    return sum / Math.max(1, vectors.length - 1);
  };
  const ofSameSamples = runs[0]!.map((_, b) => scatter(runs.map((run) => run[b]!)));
  const noise = ofSameSamples.reduce((sum, one) => sum + one, 0) / ofSameSamples.length;
  return { variance: scatter(all) / length, noiseVariance: noise / length };
}

function squaredDistance(vector: Float64Array, from?: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < vector.length; i++) sum += (vector[i]! - (from?.[i] ?? 0)) ** 2;
  return sum;
}

// What the mean loss does ------------------------------------------------------------------------------------

/** Steps of the chip's weights by which each weight is moved; 0.02 in software, where there are none. */
const STEPS = 4;
const SOFTWARE_STEP = 0.02;

/** One direction of the weights of a projection, and the slope of the mean loss along it. */
export interface Along {
  /** −1 or 1; 0 where a weight cannot be moved both ways. */
  readonly direction: Int8Array;
  /** Over the even runs, and over the odd ones. */
  readonly even: number;
  readonly odd: number;
}

async function differences(
  bench: Bench,
  base: Float64Array,
  { offset, sources, targets, name }: Projection,
  p: number,
  directions: number,
  progress: (done: number) => void,
): Promise<Along[]> {
  const { executor } = bench;
  const step = STEPS * executor.weightSteps[p]! || SOFTWARE_STEP;
  const limit = executor.weightLimits[p]!;
  const found: Along[] = [];
  for (let k = 0; k < directions; k++) {
    const draws = stream(1, `study/gradients/${name}`, k);
    const direction = new Int8Array(sources * targets);
    for (let i = 0; i < direction.length; i++) {
      const sign = draws.uniform() < 0.5 ? -1 : 1;
      direction[i] = Math.abs(base[offset + i]!) + step < limit ? sign : 0;
    }
    const moved = (by: number): Float64Array => {
      const weights = base.slice();
      for (let i = 0; i < direction.length; i++) weights[offset + i] = base[offset + i]! + by * direction[i]!;
      return weights;
    };
    const above = await meanLoss(bench, moved(step));
    const below = await meanLoss(bench, moved(-step));
    found.push({
      direction,
      even: (above.even - below.even) / (2 * step),
      odd: (above.odd - below.odd) / (2 * step),
    });
    progress(k + 1);
  }
  return found;
}

async function meanLoss(bench: Bench, weights: Float64Array): Promise<{ even: number; odd: number }> {
  const { executor, loss, labels, inputs, runs } = bench;
  const cotangent = emptyCotangent();
  const value = emptyLossValue();
  await executor.load(weights);
  const sums = [0, 0];
  for (let run = 0; run < runs; run++) {
    await runOnce(bench, run, (sample, observation) => {
      loss.evaluate(observation, labels[sample]!, cotangent, value);
      sums[run % 2] = sums[run % 2]! + value.total;
    });
  }
  const count = (inputs.samples * runs) / 2;
  return { even: sums[0]! / count, odd: sums[1]! / count };
}

const GROUPS = 10;

/** How a gradient agrees with the slopes of the mean loss along random directions. */
export function agreementAlong(
  along: readonly Along[],
  gradient: Float64Array,
  { offset }: Pick<Projection, "offset">,
): Pick<GradientRow, "cosine" | "cosineError" | "size"> {
  const said = along.map(({ direction }) => {
    let sum = 0;
    for (let i = 0; i < direction.length; i++) sum += direction[i]! * gradient[offset + i]!;
    return sum;
  });
  const over = (without: number): { cosine: number; size: number } => {
    const sums = { ff: 0, fg: 0, gg: 0, halves: 0, even: 0, odd: 0 };
    for (const [k, { even, odd }] of along.entries()) {
      if (k % GROUPS === without) continue;
      const f = (even + odd) / 2;
      sums.ff += f * f;
      sums.fg += f * said[k]!;
      sums.gg += said[k]! ** 2;
      sums.halves += even * odd;
      sums.even += even * even;
      sums.odd += odd * odd;
    }
    const r = sums.halves / Math.sqrt(sums.even * sums.odd);
    return {
      cosine: sums.fg / Math.sqrt(sums.ff * sums.gg * ((2 * r) / (1 + r))),
      size: sums.fg / sums.gg,
    };
  };
  const { cosine, size } = over(-1);
  if (!Number.isFinite(cosine)) return { cosine: null, cosineError: null, size: null };
  const groups = Array.from({ length: GROUPS }, (_, without) => over(without).cosine);
  const mean = groups.reduce((sum, one) => sum + one, 0) / GROUPS;
  const spread = groups.reduce((sum, one) => sum + (one - mean) ** 2, 0);
  const cosineError = Math.sqrt(((GROUPS - 1) / GROUPS) * spread);
  return { cosine, cosineError: Number.isFinite(cosineError) ? cosineError : null, size };
}
