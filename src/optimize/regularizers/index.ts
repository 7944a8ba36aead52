/** The table of regularisers: entries of `regularisers` in an experiment file. */

import { memberOf, type OptionsOf } from "../../core/family.ts";
import type { Network } from "../../network/network.ts";
import { rate } from "./rate.ts";
import type { Regulariser } from "./types.ts";
import { weightDecay } from "./weight-decay.ts";

export type { Regulariser } from "./types.ts";

export const REGULARISERS = [rate, weightDecay] as const;
export type RegulariserConfig = OptionsOf<(typeof REGULARISERS)[number]>;

/** @throws UserError("experiment-physics") when it names what the network does not have */
export function createRegulariser(network: Network, config: RegulariserConfig): Regulariser {
  return memberOf(REGULARISERS, config.kind).create(network, config as never);
}
