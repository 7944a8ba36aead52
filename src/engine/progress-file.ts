/** Between the training loop and checkpoint.bin: what a run needs to go on, also from within an epoch. */

import { join } from "node:path";
import { UserError } from "../core/errors.ts";
import type { Network } from "../network/network.ts";
import { type Checkpoint, type State, writeCheckpoint } from "./checkpoint.ts";
import { type EpochTotals, newTotals, type SavedTotals } from "./epoch-totals.ts";
import type { MetricsMark } from "./metrics.ts";
import { RUN_FILES } from "./run-folder.ts";
import type { RunIdentity } from "./run-identity.ts";
import type { Trainer, TrainingState } from "./trainer.ts";

interface Extra {
  readonly average: TrainingState["average"] | null;
  readonly best: Float64Array | null;
  readonly updates: Float64Array | null;
  readonly totals: SavedTotals | null;
}

/** Where a run starts: at the beginning, or where a checkpoint left it. */
export interface Start {
  readonly epoch: number;
  /** The test was evaluated already. */
  readonly ended?: boolean;
  /** The training is meant to be longer than the checkpoint says. */
  readonly longer?: boolean;
  readonly trainer?: TrainingState;
  readonly totals?: EpochTotals;
  /** The rows of metrics.csv to go on after. */
  readonly metrics?: MetricsMark;
}

/** What the checkpoints of a run say about the run itself. */
export interface CheckpointHead {
  readonly identity: RunIdentity;
  /** Seconds of work so far, over all calls. */
  readonly wallSeconds: () => number;
}

export interface Progress {
  readonly trainer: Trainer;
  readonly epoch: number;
  readonly ended: boolean;
  readonly metrics: MetricsMark;
  /** Of an epoch that is not complete. */
  readonly totals?: EpochTotals | undefined;
}

export function saveProgress(folder: string, head: CheckpointHead, progress: Progress): void {
  const { trainer, epoch, ended, metrics, totals } = progress;
  const { weights, optimizer, average, best, updates } = trainer.state;
  const extra: Extra = {
    average: average ?? null,
    best: best ?? null,
    updates: updates ?? null,
    totals: totals?.saved() ?? null,
  };
  writeCheckpoint(join(folder, RUN_FILES.checkpoint), {
    identity: head.identity,
    epoch,
    step: optimizer.step,
    ended,
    wallSeconds: head.wallSeconds(),
    metrics,
    weights,
    optimizer: optimizer as unknown as State,
    extra: extra as unknown as State,
  });
}

/**
 * @param epochs how long the training is meant to be now
 * @throws UserError("file") when the checkpoint belongs to another network
 */
export function resumeFrom(checkpoint: Checkpoint, network: Network, epochs: number): Start {
  const { weights, optimizer, extra, epoch, ended, metrics } = checkpoint;
  if (weights.length !== network.parameters)
    throw new UserError(
      "file",
      `the checkpoint has ${weights.length} weights, the network ${network.parameters}`,
    );
  const { average, best, updates, totals } = extra as unknown as Extra;
  const trainer = {
    weights,
    optimizer: optimizer as unknown as TrainingState["optimizer"],
    ...(average == null ? {} : { average }),
    ...(best == null ? {} : { best }),
    ...(updates == null ? {} : { updates }),
  };
  return {
    epoch,
    ended,
    longer: epochs !== checkpoint.identity.epochs,
    metrics,
    trainer,
    ...(totals === null ? {} : { totals: newTotals(network, totals) }),
  };
}
