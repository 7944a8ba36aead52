/** The table of losses: `loss.kind` of an experiment file. */

import type { OptionsOf } from "../core/family.ts";
import type { Network } from "../network/network.ts";
import { firstSpike } from "./losses/first-spike.ts";
import { maxOverTime } from "./losses/max-over-time.ts";
import { meanOverTime } from "./losses/mean-over-time.ts";
import { spikeTime } from "./losses/spike-time.ts";
import { targetTimes } from "./losses/target-times.ts";
import { voltageAt } from "./losses/voltage-at.ts";
import type { Loss } from "./types.ts";

export const LOSSES = [maxOverTime, firstSpike, targetTimes, meanOverTime, voltageAt, spikeTime] as const;
export type LossConfig = OptionsOf<(typeof LOSSES)[number]>;

/**
 * The loss that `config` names, for one network. Times in µs.
 * @throws UserError("experiment-physics") when it reads what the network does not have
 */
export function createLoss(network: Network, config: LossConfig): Loss {
  switch (config.kind) {
    case "max-over-time":
      return maxOverTime.create(network, config);
    case "first-spike":
      return firstSpike.create(network, config);
    case "target-times":
      return targetTimes.create(network, config);
    case "mean-over-time":
      return meanOverTime.create(network, config);
    case "voltage-at":
      return voltageAt.create(network, config);
    case "spike-time":
      return spikeTime.create(network, config);
    default:
      return config satisfies never;
  }
}
