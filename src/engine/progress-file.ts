/** Between the training loop and checkpoint.json: what a run needs to go on, also from within an epoch. */

import { createHash } from "node:crypto";
import { join } from "node:path";
import { UserError } from "../core/errors.ts";
import type { Experiment } from "../experiment/schema.ts";
import type { Network } from "../network/network.ts";
import { type Checkpoint, type State, writeCheckpoint } from "./checkpoint.ts";
import { type EpochTotals, newTotals, type SavedTotals } from "./epoch-totals.ts";
import type { Learner, LearnerState } from "./learner.ts";
import { RUN_FILES } from "./run-folder.ts";

interface Extra {
  readonly average: LearnerState["average"] | null;
  readonly totals: SavedTotals | null;
}

/** Where a run starts: at the beginning, or where a checkpoint left it. */
export interface Start {
  readonly epoch: number;
  readonly learner?: LearnerState;
  readonly totals?: EpochTotals;
}

/**
 * Digest of what decides a run's outcome: not the number of workers, and not the order of the sections, which
 * config.yaml does not keep. Within a section order counts: it is the order of the populations.
 */
export function experimentDigest(experiment: Experiment): string {
  const { workers: _workers, ...training } = experiment.training;
  const sections = Object.entries({ ...experiment, training }).sort(([a], [b]) => (a < b ? -1 : 1));
  return createHash("sha256").update(JSON.stringify(sections)).digest("hex");
}

/** @param totals of an epoch that is not complete */
export function saveProgress(
  folder: string,
  experiment: Experiment,
  learner: Learner,
  epoch: number,
  totals?: EpochTotals,
): void {
  const { weights, optimizer, average } = learner.state;
  const saved: SavedTotals | null =
    totals === undefined
      ? null
      : {
          batches: totals.batches,
          statistics: totals.statistics,
          spikeCounts: totals.spikeCounts,
          extra: totals.extra,
          saturated: totals.saturated,
          wallMs: totals.wallMs,
        };
  const extra: Extra = { average: average ?? null, totals: saved };
  writeCheckpoint(join(folder, RUN_FILES.checkpoint), {
    experiment: experimentDigest(experiment),
    epoch,
    step: optimizer.step,
    weights,
    optimizer: optimizer as unknown as State,
    extra: extra as unknown as State,
  });
}

/** @throws UserError("file") when the checkpoint belongs to another network */
export function resumeFrom(checkpoint: Checkpoint | undefined, network: Network): Start {
  if (checkpoint === undefined) return { epoch: 0 };
  const { weights, optimizer, extra, epoch } = checkpoint;
  if (weights.length !== network.weights)
    throw new UserError(
      "file",
      `the checkpoint has ${weights.length} weights, the network ${network.weights}`,
    );
  const { average, totals } = extra as unknown as Extra;
  const learner = {
    weights,
    optimizer: optimizer as unknown as LearnerState["optimizer"],
    ...(average == null ? {} : { average }),
  };
  return { epoch, learner, ...(totals === null ? {} : { totals: newTotals(network, totals) }) };
}
