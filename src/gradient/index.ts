/** The table of gradient estimators: `estimator.kind` of an experiment file. */

import { memberOf, type OptionsOf } from "../core/table.ts";
import type { Loss } from "../loss/types.ts";
import type { Network } from "../network/network.ts";
import { eventProp } from "./eventprop.ts";
import { eventPropGrid } from "./eventprop-grid.ts";
import { eventPropSmoothed } from "./eventprop-smoothed.ts";
import { firstSpikeGradient } from "./first-spike.ts";
import { surrogate } from "./surrogate.ts";
import type { Estimator, Incompatibility } from "./types.ts";

export const ESTIMATORS = [
  eventProp,
  eventPropSmoothed,
  eventPropGrid,
  surrogate,
  firstSpikeGradient,
] as const;
export type EstimatorConfig = OptionsOf<(typeof ESTIMATORS)[number]>;

/** The estimator that `config` names, for one network. Times in µs. */
export function createEstimator(network: Network, config: EstimatorConfig): Estimator {
  return memberOf(ESTIMATORS, config.kind).create.create(network, config as never);
}

/** Why the estimator that `config` names cannot serve this network and loss; undefined when it can. */
export function estimatorIncompatibility(
  network: Network,
  loss: Loss,
  config: EstimatorConfig,
): Incompatibility {
  return memberOf(ESTIMATORS, config.kind).create.incompatible(network, loss, config as never);
}
