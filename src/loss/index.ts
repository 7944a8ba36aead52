/** The table of losses: `loss.kind` of an experiment file. */

import { memberOf, type OptionsOf } from "../core/table.ts";
import type { Network } from "../network/network.ts";
import { firstSpike } from "./first-spike.ts";
import { maxOverTime } from "./max-over-time.ts";
import { meanOverTime } from "./mean-over-time.ts";
import { softMaxOverTime } from "./soft-max-over-time.ts";
import { spikeTime } from "./spike-time.ts";
import { targetTimes } from "./target-times.ts";
import type { Loss } from "./types.ts";
import { voltageAt } from "./voltage-at.ts";

export const LOSSES = [
  maxOverTime,
  firstSpike,
  targetTimes,
  meanOverTime,
  softMaxOverTime,
  voltageAt,
  spikeTime,
] as const;
export type LossConfig = OptionsOf<(typeof LOSSES)[number]>;

/**
 * The loss that `config` names, for one network. Times in µs.
 * @throws UserError("experiment-physics") when it reads what the network does not have
 */
export function createLoss(network: Network, config: LossConfig): Loss {
  return memberOf(LOSSES, config.kind).create(network, config as never);
}
