/** The seam of schedules, and what all of them share: a linear warm-up. */

import { Type } from "@sinclair/typebox";

export interface Schedule {
  /** Factor on the learning rate at `epoch` ≥ 0; fractions are within an epoch. */
  factor(epoch: number): number;
  /** Told the loss of each evaluation on the validation samples, in order; only by schedules that follow it. */
  observe?(validationLoss: number): void;
}

/** The option `warmup` of every schedule. */
export const warmupOption = Type.Number({
  default: 0,
  minimum: 0,
  description: "Epochs over which the learning rate rises linearly from 0.",
});

/** `factor`, multiplied by the warm-up. */
export function schedule(warmup: number, factor: (epoch: number) => number): Schedule {
  return { factor: (epoch) => (epoch < warmup ? epoch / warmup : 1) * factor(epoch) };
}
