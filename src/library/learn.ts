/** Losses, gradients and trainings for users of the library. */

import { availableParallelism } from "node:os";
import { type ProgressEvent, silent } from "../core/progress.ts";
import { runTraining, type TrainingOutcome } from "../engine/training-run.ts";
import type { LoadedExperiment } from "../experiment/load.ts";
import type { Estimator } from "../gradient/types.ts";
import type { Loss } from "../loss/types.ts";
import { emptyCotangent, emptyLossValue } from "../loss/types.ts";
import type { Network } from "../network/network.ts";
import type { Observation } from "../network/observation.ts";

export interface LossAndGradient {
  /** Value of the loss on the sample. */
  readonly loss: number;
  /** The class that the loss reads from the outputs; −1 when there is none. */
  readonly prediction: number;
  /** ∂L/∂w in the layout of the weights. */
  readonly gradient: Float64Array;
}

/**
 * Loss and gradient of one observed sample, from a chip or from the simulator.
 * @param weights the weights that the sample was run with
 * @param label class of the sample, or what else the loss reads
 */
export function lossAndGradient(
  network: Network,
  { loss, estimator }: { readonly loss: Loss; readonly estimator: Estimator },
  weights: Float64Array,
  observation: Observation,
  label: number,
): LossAndGradient {
  const cotangent = emptyCotangent();
  const value = emptyLossValue();
  loss.evaluate(observation, label, cotangent, value);
  const gradient = new Float64Array(network.weights);
  estimator.accumulate(observation, weights, cotangent, gradient, { cappedJumps: 0, spikes: 0 });
  return { loss: value.total, prediction: value.prediction, gradient };
}

export interface TrainOptions {
  /** Run folder; must not hold anything yet. `runs/<name>/<date>` when absent. */
  readonly out?: string;
  /** Threads; they do not change the result. One per core, at most 8, when absent. */
  readonly workers?: number;
  readonly onProgress?: (event: ProgressEvent) => void;
  /** Ends the run after the batch, with a checkpoint. */
  readonly signal?: AbortSignal;
}

/** Trains an experiment into its run folder, as `eventprop train` does. */
export function train(loaded: LoadedExperiment, options: TrainOptions = {}): Promise<TrainingOutcome> {
  const { out, onProgress = silent, signal } = options;
  return runTraining({
    loaded,
    workers: options.workers ?? loaded.experiment.training.workers ?? Math.min(availableParallelism(), 8),
    command: ["(library)", "train", loaded.path],
    started: new Date(),
    report: onProgress,
    stopRequested: () => signal?.aborted === true,
    interruptedCode: () => 0,
    ...(out === undefined ? {} : { out }),
  });
}
