/**
 * Shards: how the samples of a job are cut into them, and what is done with one: observe its samples, evaluate the loss,
 * differentiate, and leave the sums in the shard's rows of the shared memory. Nothing is allocated per sample.
 */

import type { GradientCounts } from "../gradient/types.ts";
import { emptyCotangent, emptyLossValue } from "../loss/types.ts";
import type { InputBatch, Observation } from "../network/observation.ts";
import { noCost } from "./executor.ts";
import type { EncodedSplit, Replica } from "./run-config.ts";
import { CONTROL, type RunShard, type SharedState, STATISTICS, type Statistic } from "./worker-pool.ts";

const AT = Object.fromEntries(STATISTICS.map((name, i) => [name, i])) as Record<Statistic, number>;

/** What the backward pass counts. */
const BACKWARD = ["cappedJumps", "modelEarly", "modelLate"] as const;

/** What is carried over from the cost of a shard as it is. */
const LOST = [
  "droppedInputs",
  "movedInputs",
  "droppedSpikes",
  "strayEvents",
  "earlySpikes",
  "lateSpikes",
  "cutRecordings",
  "lateArrivals",
] as const;

export function createShardRunner(replica: Replica, state: SharedState): RunShard {
  const { control, sizes } = state;
  const { executor, loss, estimator, splits, surrogate } = replica;
  const cotangent = emptyCotangent();
  const value = emptyLossValue();
  const counts = { cappedJumps: 0, spikes: 0, modelEarly: 0, modelLate: 0 } satisfies GradientCounts;
  let cost = noCost();
  const inputs = emptyBatch();
  let loaded = -1;
  /** What the gradient is taken at: the weights that the samples were run with. */
  let effective: Float64Array = state.weights;

  // What `visit` works on; set for each shard, so that nothing is made per sample.
  let split = splits[0] as EncodedSplit;
  let from = 0;
  let withGradient = false;
  let statistics = state.statistics;
  let gradient = state.gradients;
  let spikeCounts = state.spikeCounts;
  let silentSamples = state.silentSamples;
  const { populations } = replica.network;
  const populationOf = Uint16Array.from(
    populations.flatMap(({ size }, p) => new Array<number>(size).fill(p)),
  );
  const spiked = new Uint8Array(populations.length);
  const outputs = loss.scores.length;

  const visit = (sample: number, observation: Observation): void => {
    const label = split.labels[state.order[from + sample]!]!;
    loss.evaluate(observation, label, cotangent, value);
    const { index, count } = observation.spikes;
    const spikesOf = spikeCounts;
    const silentOf = silentSamples;
    statistics[AT.loss]! += value.total;
    statistics[AT.classification]! += value.classification;
    statistics[AT.regularization]! += value.regularization;
    if (value.prediction === label) statistics[AT.correct]!++;
    statistics[AT.missingOutputs]! += value.missingOutputs;
    statistics[AT.spikes]! += count;
    if (outputs > 0 && value.prediction === -1)
      statistics[value.missingOutputs === outputs ? AT.unanswered : AT.tied]!++;
    statistics[AT.inputs]! += observation.inputs.count;
    spiked.fill(0);
    for (let k = 0; k < count; k++) {
      const neuron = index[k]!;
      spikesOf[neuron]!++;
      spiked[populationOf[neuron]!] = 1;
    }
    for (let p = 0; p < spiked.length; p++) if (spiked[p] === 0) silentOf[p]!++;
    if (withGradient) estimator.accumulate(observation, effective, cotangent, gradient, counts);
    statistics[AT.bytesKept]! += estimator.bytesKept(observation);
  };

  return async (shard) => {
    const start = performance.now();
    split = splits[control[CONTROL.split]!] as EncodedSplit;
    from = state.starts[shard]!;
    const to = state.starts[shard + 1]!;
    withGradient = control[CONTROL.withGradient] === 1;
    const run = control[CONTROL.run]! + Math.floor(from / control[CONTROL.runSize]!);
    const version = control[CONTROL.weightsVersion]!;
    if (loaded !== version) {
      const outcome = await executor.load(state.weights);
      control[CONTROL.saturated] = outcome.saturated;
      state.zeroedWeights.set(outcome.zeroed);
      state.limitedWeights.set(outcome.limited);
      effective = outcome.effective;
      loaded = version;
    }
    statistics = state.statistics.subarray(shard * STATISTICS.length, (shard + 1) * STATISTICS.length);
    gradient = state.gradients.subarray(shard * sizes.weights, (shard + 1) * sizes.weights);
    spikeCounts = state.spikeCounts.subarray(shard * sizes.neurons, (shard + 1) * sizes.neurons);
    const { populations: count } = sizes;
    silentSamples = state.silentSamples.subarray(shard * count, (shard + 1) * count);
    statistics.fill(0);
    silentSamples.fill(0);
    gradient.fill(0);
    spikeCounts.fill(0);
    counts.cappedJumps = 0;
    counts.modelEarly = 0;
    counts.modelLate = 0;
    cost = noCost();
    gather(split.inputs, state.order, from, to, inputs);
    await executor.observe(inputs, run, visit, cost);
    const samples = to - from;
    statistics[AT.samples] = samples;
    for (const name of BACKWARD) statistics[AT[name]] = counts[name];
    statistics[AT.bytesObserved] = cost.bytes;
    for (const name of LOST) statistics[AT[name]] = cost[name];
    statistics[AT.surrogateBytesObserved] = samples * (surrogate?.observed ?? 0);
    statistics[AT.surrogateBytesKept] = samples * (surrogate?.kept ?? 0);
    statistics[AT.chipMs] = cost.chipMs;
    statistics[AT.hostMs] = performance.now() - start - cost.chipMs;
  };
}

function emptyBatch(): Mutable<InputBatch> {
  return {
    samples: 0,
    offset: new Int32Array(1),
    time: new Float64Array(0),
    source: new Int32Array(0),
    id: new Int32Array(0),
  };
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/** Copies samples order[from … to−1] of `all` into `out`, growing its buffers when they are short. */
function gather(
  all: InputBatch,
  order: Int32Array,
  from: number,
  to: number,
  out: Mutable<InputBatch>,
): void {
  const samples = to - from;
  let events = 0;
  for (let i = from; i < to; i++) {
    const sample = order[i]!;
    events += all.offset[sample + 1]! - all.offset[sample]!;
  }
  if (out.offset.length < samples + 1) {
    out.offset = new Int32Array(samples + 1);
    out.id = new Int32Array(samples);
  }
  if (out.time.length < events) {
    out.time = new Float64Array(events);
    out.source = new Int32Array(events);
  }
  out.samples = samples;
  let at = 0;
  for (let i = 0; i < samples; i++) {
    const sample = order[from + i]!;
    out.offset[i] = at;
    out.id[i] = all.id[sample]!;
    for (let event = all.offset[sample]!; event < all.offset[sample + 1]!; event++) {
      out.time[at] = all.time[event]!;
      out.source[at] = all.source[event]!;
      at++;
    }
  }
  out.offset[samples] = at;
}

// Shard b of a job holds its samples starts[b] … starts[b + 1] − 1. This follows from the number of samples alone, so sums
// over shards do not depend on who works on them.

const EVALUATION_SHARD = 50;
/** Samples of an evaluation that are sent at once. */
export const EVALUATION_JOB = 2000;
/** A shard of a batch takes so much of what is left, but no less than so many samples. */
const SHARE = 1 / 6;
const SMALLEST = 2;

/** Of a training batch: large shards first and small ones last, so that all participants end nearly together. */
export function batchStarts(samples: number): number[] {
  return cut(samples, (left) => Math.max(SMALLEST, Math.ceil(SHARE * left)));
}

export function evaluationStarts(samples: number): number[] {
  return cut(samples, () => EVALUATION_SHARD);
}

/** Samples of an evaluation that are sent as one job, a whole number of runs so that no run is cut in two. */
export function evaluationJob(runSize: number, largestJob: number): number {
  return runSize * Math.max(1, Math.floor(largestJob / runSize));
}

/** A piece of an evaluation that one participant runs: samples from … to−1, in run number `run`. */
export interface EvaluationPiece {
  readonly from: number;
  readonly to: number;
  readonly run: number;
}

/** All pieces of an evaluation of `size` samples, in order, cut and numbered as in training. */
export function evaluationPieces(size: number, runSize: number, firstRun: number): EvaluationPiece[] {
  const job = evaluationJob(runSize, Math.max(runSize, EVALUATION_JOB));
  const pieces: EvaluationPiece[] = [];
  for (let start = 0; start < size; start += job) {
    const starts = evaluationStarts(Math.min(job, size - start));
    for (let shard = 0; shard + 1 < starts.length; shard++) {
      const from = starts[shard]!;
      const run = firstRun + start / runSize + Math.floor(from / runSize);
      pieces.push({ from: start + from, to: start + starts[shard + 1]!, run });
    }
  }
  return pieces;
}

function cut(samples: number, sizeOf: (left: number) => number): number[] {
  const starts = [0];
  for (let from = 0; from < samples; starts.push(from)) {
    from = Math.min(samples, from + sizeOf(samples - from));
  }
  return starts;
}
