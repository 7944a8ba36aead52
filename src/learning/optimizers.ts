/** The table of optimizers: `optimizer.kind` of an experiment file. */

import type { OptionsOf } from "../core/family.ts";
import { adam } from "./optimizers/adam.ts";
import { sgd } from "./optimizers/sgd.ts";
import type { Optimizer } from "./optimizers/types.ts";

export type { Optimizer, OptimizerState } from "./optimizers/types.ts";

export const OPTIMIZERS = [adam, sgd] as const;
export type OptimizerConfig = OptionsOf<(typeof OPTIMIZERS)[number]>;

export function createOptimizer(config: OptimizerConfig): Optimizer {
  switch (config.kind) {
    case "adam":
      return adam.create(config);
    case "sgd":
      return sgd.create(config);
    default:
      return config satisfies never;
  }
}
