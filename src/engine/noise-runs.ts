/** Which runs (core/noise-runs.ts) evaluations take. */

import { noiseRun } from "../core/noise-runs.ts";
import { SPLITS } from "../data/types.ts";

const RUNS_PER_EVALUATION = 2 ** 12;

/** First run of the evaluation of a split (index into SPLITS) after an epoch. */
export function evaluationRun(epoch: number, split: number): number {
  return noiseRun("evaluation", (epoch * SPLITS.length + split) * RUNS_PER_EVALUATION);
}

/** First run of a repeat of an evaluation, counted from 1; repeat 0 is the evaluation itself. */
export function repeatRun(repeat: number): number {
  return noiseRun("repeat", repeat * RUNS_PER_EVALUATION);
}
