/**
 * The numbers of runs (RunOptions.trial) by which a simulated chip draws its noise. Each use has a range of its own, so
 * that no noise is seen twice: what was trained on is not what is evaluated on.
 */

import { SPLITS } from "../data/types.ts";

/** First number of each use; a use ends where the next one begins. */
export const NOISE_RUNS = {
  /** One number per update of the weights. */
  training: 0,
  study: 2 ** 29,
  /** Evaluations during a training, see `evaluationRun`. */
  evaluation: 2 ** 30,
  /** Repeats of an evaluation after the training, see `repeatRun`. */
  repeat: 3 * 2 ** 30,
  end: 2 ** 32,
} as const;

const RUNS_PER_EVALUATION = 2 ** 12;

/** First run of the evaluation of a split (index into SPLITS) after an epoch. */
export function evaluationRun(epoch: number, split: number): number {
  return NOISE_RUNS.evaluation + (epoch * SPLITS.length + split) * RUNS_PER_EVALUATION;
}

/** First run of a repeat of an evaluation, counted from 1; repeat 0 is the evaluation itself. */
export function repeatRun(repeat: number): number {
  return NOISE_RUNS.repeat + repeat * RUNS_PER_EVALUATION;
}
