/** The table of regularizers: entries of `regularizers` in an experiment file. */

import { memberOf, type OptionsOf } from "../../core/table.ts";
import type { Network } from "../../network/network.ts";
import { rate } from "./rate.ts";
import type { Regularizer } from "./types.ts";
import { weightDecay } from "./weight-decay.ts";

export type { Regularizer } from "./types.ts";

export const REGULARIZERS = [rate, weightDecay] as const;
export type RegularizerConfig = OptionsOf<(typeof REGULARIZERS)[number]>;

/** @throws UserError("experiment-physics") when it names what the network does not have */
export function createRegularizer(network: Network, config: RegularizerConfig): Regularizer {
  return memberOf(REGULARIZERS, config.kind).create(network, config as never);
}
