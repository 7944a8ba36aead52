/** The table of losses: `loss.kind` of an experiment file. */

import type { OptionsOf } from "../core/table.ts";
import type { Network } from "../network/network.ts";
import { createSingleLoss, SINGLE_LOSSES } from "./single.ts";
import type { Loss } from "./types.ts";
import { weightedSum } from "./weighted-sum.ts";

export const LOSSES = [...SINGLE_LOSSES, weightedSum] as const;
export type LossConfig = OptionsOf<(typeof LOSSES)[number]>;

/**
 * The loss that `config` names, for one network. Times in µs.
 * @throws UserError("experiment-physics") when it reads what the network does not have
 */
export function createLoss(network: Network, config: LossConfig): Loss {
  return config.kind === "weighted-sum"
    ? weightedSum.create(network, config)
    : createSingleLoss(network, config);
}
