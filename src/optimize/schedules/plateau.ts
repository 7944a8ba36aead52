/**
 * Drops by a factor whenever the validation stops getting better:
 *
 *     after `patience` evaluations without a loss below best · (1 − threshold):  factor ← max(final, gamma · factor)
 *
 * What it has seen stands in metrics.csv, from which a resumed run tells it again.
 */

import { type Static, type TObject, Type } from "@sinclair/typebox";
import { member } from "../../core/table.ts";
import { type Schedule, schedule, warmupOption } from "./types.ts";

const options = {
  patience: Type.Integer({
    default: 5,
    minimum: 1,
    description: "Evaluations without a better validation loss before a drop.",
  }),
  gamma: Type.Number({ default: 0.5, exclusiveMinimum: 0, maximum: 1, description: "Factor of each drop." }),
  threshold: Type.Number({
    default: 1e-3,
    minimum: 0,
    exclusiveMaximum: 1,
    description: "By what share of the best loss a loss must be lower to count as better.",
  }),
  final: Type.Number({
    default: 1e-3,
    minimum: 0,
    maximum: 1,
    description: "The smallest factor on the learning rate.",
  }),
  warmup: warmupOption,
};

export const plateau = member({
  kind: "plateau",
  summary: "a drop by `gamma` when the validation loss has not fallen for `patience` evaluations",
  options,
  create({ patience, gamma, threshold, final, warmup }: Static<TObject<typeof options>>): Schedule {
    let present = 1;
    let best = Number.POSITIVE_INFINITY;
    let waited = 0;
    return {
      ...schedule(warmup, () => present),
      observe(loss) {
        if (loss < best * (1 - threshold)) {
          best = loss;
          waited = 0;
          return;
        }
        waited++;
        if (waited < patience) return;
        present = Math.max(final, gamma * present);
        waited = 0;
      },
    };
  },
});
