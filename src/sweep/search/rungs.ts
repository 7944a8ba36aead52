/**
 * The rungs of a search: how many points go on, and to how many epochs in all. Random search has one rung.
 * Successive halving: K. Jamieson, A. Talwalkar, "Non-stochastic best arm identification and hyperparameter
 * optimization" (AISTATS 2016), with the points of a rung going on from where they are.
 */

export interface Rung {
  /** Points that run in it. */
  readonly points: number;
  /** Epochs that each has at its end, counted from its beginning. */
  readonly epochs: number;
}

/** All points run for the whole training. */
export function randomRungs(points: number, epochs: number): Rung[] {
  return [{ points, epochs }];
}

/** Each rung has `factor` times the epochs of the one before and one `factor`-th of its points, at least one. */
export function halvingRungs(points: number, epochs: number, firstEpochs: number, factor: number): Rung[] {
  const rungs: Rung[] = [];
  for (let [kept, each] = [points, firstEpochs]; ; kept = Math.ceil(kept / factor), each *= factor) {
    rungs.push({ points: kept, epochs: Math.min(each, epochs) });
    if (each >= epochs) return rungs;
  }
}
