/**
 * A running experiment: one replica per participant and the memory they share. It runs samples and returns
 * sums; what they are for (learning, evaluation) is the caller's.
 */

import { packagePath } from "../core/package-folder.ts";
import { openReplica, type PreparedRun, type Replica } from "./run-config.ts";
import { batchStarts, createShardRunner, EVALUATION_JOB, evaluationStarts } from "./shard.ts";
import {
  CONTROL,
  createWorkerPool,
  noStatistics,
  type Statistics,
  sharedState,
  sumRows,
  sumStatistics,
} from "./worker-pool.ts";

/** Sums over samples. */
export interface Sums {
  readonly statistics: Statistics;
  /** ∂L/∂w, layout of the network. */
  readonly gradient: Float64Array;
  /** Spikes of each neuron. */
  readonly spikeCounts: Float64Array;
  /** Samples in which no neuron of a population spiked. */
  readonly silentSamples: Float64Array;
  /** Weights that the substrate clipped. */
  saturated: number;
  /** Weights of each projection that the substrate rounded to zero, and that it holds at its limit. */
  readonly zeroedWeights: Int32Array;
  readonly limitedWeights: Int32Array;
}

export interface RunRequest {
  /** Index into SPLITS. */
  readonly split: number;
  /** Samples of the split, at most `largestJob`. */
  readonly samples: Int32Array;
  readonly weights: Float64Array;
  readonly withGradient: boolean;
  /** First run number, see RunOptions.noiseKey; every `runSize` samples another run begins. */
  readonly run: number;
  readonly runSize: number;
}

export interface ParallelExecutor {
  readonly replica: Replica;
  readonly largestJob: number;
  /** Runs samples; the result is overwritten by the next call. */
  run(request: RunRequest): Promise<Sums>;
  close(): Promise<void>;
}

/**
 * @param workers participants, the main thread among them
 * @param batch samples of a training step
 */
export async function openParallelExecutor(
  prepared: PreparedRun,
  workers: number,
  batch: number,
): Promise<ParallelExecutor> {
  const replica = await openReplica(prepared);
  const { network } = replica;
  const largestJob = Math.max(batch, EVALUATION_JOB);
  const state = sharedState({
    weights: network.parameters,
    neurons: network.neurons,
    populations: network.populations.length,
    projections: network.projections.length,
    samples: largestJob,
    shards: Math.max(batchStarts(batch).length, evaluationStarts(largestJob).length) - 1,
  });
  const runShard = createShardRunner(replica, state);
  const entry = packagePath("dist/engine/worker.js");
  const { workerTimeout } = prepared.experiment.training;
  const pool = await createWorkerPool(state, runShard, workers - 1, entry, prepared, workerTimeout);
  const sums: Sums = {
    statistics: noStatistics(),
    gradient: new Float64Array(network.parameters),
    spikeCounts: new Float64Array(network.neurons),
    silentSamples: new Float64Array(network.populations.length),
    saturated: 0,
    zeroedWeights: state.zeroedWeights,
    limitedWeights: state.limitedWeights,
  };
  return {
    replica,
    largestJob,
    async run({ split, samples, weights, withGradient, run, runSize }) {
      state.order.set(samples);
      state.weights.set(weights);
      pool.weightsChanged();
      const starts = withGradient ? batchStarts(samples.length) : evaluationStarts(samples.length);
      const shards = starts.length - 1;
      state.starts.set(starts);
      await pool.run({ split, shards, withGradient, run, runSize });
      sumStatistics(state, shards, sums.statistics);
      sumRows(state.spikeCounts, shards, sums.spikeCounts);
      sumRows(state.silentSamples, shards, sums.silentSamples);
      if (withGradient) sumRows(state.gradients, shards, sums.gradient);
      sums.saturated = state.control[CONTROL.saturated]!;
      return sums;
    },
    async close() {
      await pool.close();
      await replica.executor.close();
    },
  };
}
