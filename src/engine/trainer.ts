/**
 * The state of learning and one update of it: gradient in, new weights out. Plain records of typed arrays, so a
 * checkpoint is a copy of them.
 */

import type { Experiment } from "../experiment/schema.ts";
import { initialWeights, keepRules, maskGradient, weightRules } from "../experiment/weights.ts";
import type { Network } from "../network/network.ts";
import { LARGEST_THETA } from "../network/parameters.ts";
import { createAverage, updateAverage, type WeightAverage } from "../optimize/averaging.ts";
import { clipGradient } from "../optimize/clipping.ts";
import { createOptimizer, type OptimizerState } from "../optimize/optimizers/index.ts";
import { createRegularizer } from "../optimize/regularizers/index.ts";
import { createSchedule } from "../optimize/schedules/index.ts";
import { changedWords, roundToWords, type WordRange } from "../optimize/weight-updates.ts";

export interface TrainingState {
  /** Weights, then what else the network learns (src/network/parameters.ts). */
  readonly weights: Float64Array;
  readonly optimizer: OptimizerState;
  /** Absent where the experiment asks for no average. */
  readonly average?: WeightAverage;
  /** [updates, weights that changed in them, summed]; absent unless only words are kept. */
  readonly updates?: Float64Array;
  /** What was evaluated when the validation was best; absent unless the experiment keeps it. */
  best?: Float64Array;
}

export interface Trainer {
  readonly state: TrainingState;
  /** What is evaluated: the running average where one is asked for and begun, else the weights themselves. */
  evaluated(): Float64Array;
  /** Keeps what is evaluated now as the best weights. */
  keep(): void;
  /** Tells the schedule how an evaluation on the validation samples went. */
  observeValidation(loss: number): void;
  /** Learning rate at the start of `epoch`, which may be fractional. */
  learningRate(epoch: number): number;
  /**
   * One update, in place. `epoch` counts completed epochs, with the
   * fraction of the present one. `gradient` is the mean over the batch and is written; `spikesPerSample` the
   * mean number of spikes of each neuron.
   */
  update(epoch: number, gradient: Float64Array, spikesPerSample: Float64Array): Update;
}

/** What an update brought. */
export interface Update {
  /** Value of the regularizers. */
  readonly extra: number;
  /** Whether the gradient was clipped; undefined where the experiment asks for no clipping. */
  readonly clipped: boolean | undefined;
}

/**
 * Starts from the experiment's first weights, or goes on from `resumed`.
 *
 * @param initial weights to start from instead of random ones
 * @param limits largest size of the weights of each projection; weights are clamped to what the hardware can represent
 * @param steps of the weights of each projection; 0 in software
 */
export function createTrainer(
  experiment: Experiment,
  network: Network,
  limits: Float64Array,
  resumed?: TrainingState,
  initial?: Float64Array,
  steps: Float64Array = new Float64Array(network.projections.length),
): Trainer {
  const { averaging, epochs, clip, update } = experiment.training;
  const optimizer = createOptimizer(experiment.optimizer);
  const schedule = createSchedule(experiment.schedule, epochs);
  const regularizers = experiment.regularizers.map((config) => createRegularizer(network, config));
  const state: TrainingState = resumed ?? {
    weights: initial?.slice() ?? initialWeights(experiment, network),
    optimizer: optimizer.init(network.parameters),
    ...(averaging === undefined ? {} : { average: createAverage(network.parameters) }),
    ...(update.kind === "float" ? {} : { updates: new Float64Array(2) }),
  };
  const { weights, average } = state;
  const rules = weightRules(experiment, network);
  const words = update.kind === "float" ? [] : wordRanges(network, limits, steps);
  if (resumed === undefined) {
    keepRules(rules, weights);
    roundToWords(words, weights, "nearest", experiment.seed, 0);
  }
  const parts = [
    ...network.projections.map(({ name, offset, sources, targets }, p) => ({
      from: offset,
      to: offset + sources * targets,
      factor: experiment.network.projections[name]?.learningRate ?? 1,
      limit: limits[p]!,
    })),
    ...network.segments.map(({ offset, length, learningRate }) => ({
      from: offset,
      to: offset + length,
      factor: learningRate,
      limit: LARGEST_THETA,
    })),
  ];
  const before = new Float64Array(network.parameters);
  const evaluated = (): Float64Array => (average !== undefined && average.count > 0 ? average.mean : weights);
  return {
    state,
    evaluated,
    keep() {
      state.best = evaluated().slice();
    },
    observeValidation: (loss) => schedule.observe?.(loss),
    learningRate: (epoch) => optimizer.learningRate * schedule.factor(epoch),
    update(epoch, gradient, spikesPerSample) {
      let extra = 0;
      for (const regularizer of regularizers) extra += regularizer.add(weights, spikesPerSample, gradient);
      maskGradient(rules, gradient);
      const clipped = clip === undefined ? undefined : clipGradient(gradient, clip);
      before.set(weights);
      optimizer.update(weights, gradient, state.optimizer, schedule.factor(epoch));
      for (const { from, to, factor, limit } of parts) {
        for (let i = from; i < to; i++) {
          const old = before[i]!;
          const moved = old + factor * (weights[i]! - old);
          weights[i] = moved > limit ? limit : moved < -limit ? -limit : moved;
        }
      }
      keepRules(rules, weights);
      if (update.kind === "words" && state.updates !== undefined) {
        roundToWords(words, weights, update.rounding, experiment.seed, state.optimizer.step);
        state.updates[0]!++;
        state.updates[1]! += changedWords(words, before, weights);
      }
      if (average !== undefined && averaging !== undefined && epoch >= averaging.startEpoch)
        updateAverage(average, weights, averaging.decay);
      return { extra, clipped };
    },
  };
}

/** Steps and limits of each projection where only words are kept. */
function wordRanges(network: Network, limits: Float64Array, steps: Float64Array): WordRange[] {
  return network.projections.map(({ offset, sources, targets }, p) => ({
    from: offset,
    to: offset + sources * targets,
    step: steps[p]!,
    // A limit is half a step above the largest weight.
    most: Math.round(limits[p]! / steps[p]! - 0.5),
  }));
}

/** What the updates of a run that keeps only words have sent. */
export interface UpdateTraffic {
  readonly updates: number;
  /** One signed byte for each weight. */
  readonly bytesPerUpdate: number;
  /** Weights whose words changed, on average. */
  readonly changedPerUpdate: number;
}

export function updateTraffic({ weights }: Network, { updates }: TrainingState): UpdateTraffic | undefined {
  if (updates === undefined) return undefined;
  const [count, changed] = updates as unknown as readonly [number, number];
  return { updates: count, bytesPerUpdate: weights, changedPerUpdate: count === 0 ? 0 : changed / count };
}
