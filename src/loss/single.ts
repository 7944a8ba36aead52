/** Losses on one population, apart from those that are made of several. */

import { memberOf, type OptionsOf } from "../core/table.ts";
import type { Network } from "../network/network.ts";
import { withClassWeights } from "./class-weights.ts";
import { firstSpike } from "./first-spike.ts";
import { maxOverTime } from "./max-over-time.ts";
import { meanOverTime } from "./mean-over-time.ts";
import { meanSquare } from "./mean-square.ts";
import { relativeTimes } from "./relative-times.ts";
import { softMaxOverTime } from "./soft-max-over-time.ts";
import { spikeCount } from "./spike-count.ts";
import { spikeTime } from "./spike-time.ts";
import { targetTimes } from "./target-times.ts";
import type { Loss } from "./types.ts";
import { voltageAt } from "./voltage-at.ts";

export const SINGLE_LOSSES = [
  maxOverTime,
  firstSpike,
  targetTimes,
  relativeTimes,
  meanOverTime,
  softMaxOverTime,
  spikeCount,
  meanSquare,
  voltageAt,
  spikeTime,
] as const;
export type SingleLossConfig = OptionsOf<(typeof SINGLE_LOSSES)[number]>;

/** @throws UserError("experiment-physics") when it reads what the network does not have */
export function createSingleLoss(network: Network, config: SingleLossConfig): Loss {
  const loss = memberOf(SINGLE_LOSSES, config.kind).create(network, config as never);
  if (!("classWeights" in config) || config.classWeights === undefined) return loss;
  return withClassWeights(loss, config.classWeights, loss.scores.length);
}
