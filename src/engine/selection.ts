/**
 * What the evaluations on the validation samples decide: which epoch's weights are the best, and when to stop early.
 * Both follow from the rows of metrics.csv alone, so a resumed run comes to the same decisions.
 */

import type { Experiment } from "../experiment/schema.ts";
import type { MetricsRow } from "./metrics.ts";

export interface Selection {
  /** Takes in a row of the validation; true when its weights are the best so far, to be kept. */
  observe(row: MetricsRow): boolean;
  /** Row of the best weights; absent unless `training.best` asks for them, and before the first evaluation. */
  readonly best: MetricsRow | undefined;
  /** Whether `training.earlyStopping` ends the training here. */
  readonly exhausted: boolean;
}

export type Measure = "accuracy" | "loss";

export function createSelection({
  best,
  earlyStopping,
}: {
  readonly [key in "best" | "earlyStopping"]?: Experiment["training"][key] | undefined;
}): Selection {
  let bestRow: MetricsRow | undefined;
  let record: number | undefined;
  let waited = 0;
  return {
    observe(row) {
      if (earlyStopping !== undefined) {
        const reached = merit(row, earlyStopping.measure);
        if (record === undefined || reached > record + earlyStopping.minDelta) {
          record = reached;
          waited = 0;
        } else waited++;
      }
      if (best === undefined) return false;
      // Of equal ones the earliest is kept.
      if (bestRow !== undefined && merit(row, best.measure) <= merit(bestRow, best.measure)) return false;
      bestRow = row;
      return true;
    },
    get best() {
      return bestRow;
    },
    get exhausted() {
      return earlyStopping !== undefined && waited >= earlyStopping.patience;
    },
  };
}

/** The larger the better. */
function merit({ accuracy, loss }: MetricsRow, measure: Measure): number {
  return measure === "accuracy" ? (accuracy ?? 0) : -(loss ?? Number.POSITIVE_INFINITY);
}
