/** The table of gradient estimators: `estimator.kind` of an experiment file. */

import type { OptionsOf } from "../core/family.ts";
import type { Network } from "../network/network.ts";
import { eventProp } from "./estimators/eventprop.ts";
import { eventPropGrid } from "./estimators/eventprop-grid.ts";
import { firstSpikeGradient } from "./estimators/first-spike.ts";
import { surrogate } from "./estimators/surrogate.ts";
import type { Estimator, Incompatibility, Loss } from "./types.ts";

export const ESTIMATORS = [eventProp, eventPropGrid, surrogate, firstSpikeGradient] as const;
export type EstimatorConfig = OptionsOf<(typeof ESTIMATORS)[number]>;

/** The estimator that `config` names, for one network. Times in µs. */
export function createEstimator(network: Network, config: EstimatorConfig): Estimator {
  switch (config.kind) {
    case "eventprop":
      return eventProp.create.create(network, config);
    case "eventprop-grid":
      return eventPropGrid.create.create(network, config);
    case "surrogate":
      return surrogate.create.create(network, config);
    case "first-spike":
      return firstSpikeGradient.create.create(network, config);
    default:
      return config satisfies never;
  }
}

/** Why the estimator that `config` names cannot serve this network and loss; undefined when it can. */
export function estimatorIncompatibility(
  network: Network,
  loss: Loss,
  config: EstimatorConfig,
): Incompatibility {
  switch (config.kind) {
    case "eventprop":
      return eventProp.create.incompatible(network, loss, config);
    case "eventprop-grid":
      return eventPropGrid.create.incompatible(network, loss, config);
    case "surrogate":
      return surrogate.create.incompatible(network, loss, config);
    case "first-spike":
      return firstSpikeGradient.create.incompatible(network, loss, config);
    default:
      return config satisfies never;
  }
}
