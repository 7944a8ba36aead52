/**
 * What the parts of an experiment make of each other: data into the encoder, its inputs into the network, the
 * network into loss and estimator. Each part that cannot serve the others is named at its line.
 */

import { createEncoder, openDataset } from "../data/index.ts";
import type { DatasetSplits, Encoder } from "../data/types.ts";
import { createLoss } from "../learning/losses.ts";
import type { Loss } from "../learning/types.ts";
import type { Network } from "../network/network.ts";

export interface Assembly {
  readonly data: DatasetSplits;
  readonly encoder: Encoder;
  /** With nominal constants. */
  readonly network: Network;
  readonly loss: Loss;
}
