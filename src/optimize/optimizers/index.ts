/** The table of optimizers: `optimizer.kind` of an experiment file. */

import { memberOf, type OptionsOf } from "../../core/table.ts";
import { adam } from "./adam.ts";
import { adamW } from "./adamw.ts";
import { sgd } from "./sgd.ts";
import type { Optimizer } from "./types.ts";

export type { Optimizer, OptimizerState } from "./types.ts";

export const OPTIMIZERS = [adam, adamW, sgd] as const;
export type OptimizerConfig = OptionsOf<(typeof OPTIMIZERS)[number]>;

export function createOptimizer(config: OptimizerConfig): Optimizer {
  return memberOf(OPTIMIZERS, config.kind).create(config as never);
}
