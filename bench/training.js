/** Training runs inside this process, epoch by epoch: processor and wall time, spikes, accuracy. */

import { mkdirSync, mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { prepareRun, readMetrics, train } from "../dist/bench/parts.js";

/**
 * Trains and times each epoch: everything from one batch to the next, without evaluations.
 *
 * @returns per epoch { cpu, wall } in s, wall as in metrics.csv; { spikes, accuracy } of the training samples
 */
export async function trainEpochs(config, workers) {
  const folder = mkdtempSync(join(tmpdir(), "eventprop-bench-"));
  mkdirSync(folder, { recursive: true });
  const cpus = [];
  let last = process.cpuUsage();
  const report = (event) => {
    if (event.kind !== "step") return;
    const { user, system } = process.cpuUsage(last);
    cpus.push((user + system) / 1e6);
    last = process.cpuUsage();
  };
  await train({ prepared: prepareRun(config), folder, workers, report, stopRequested: () => false });
  const rows = readMetrics(join(folder, "metrics.csv")).filter(({ split }) => split === "train");
  return rows.map(({ epoch_ms, spikes_per_sample, accuracy }, epoch) => ({
    cpu: cpus[epoch],
    wall: epoch_ms / 1000,
    spikes: spikes_per_sample,
    accuracy,
  }));
}

/** Overrides under which epochs are not mixed with evaluations and checkpoints. */
export function onlyTraining(epochs) {
  const never = 1_000_000;
  return [
    `training.epochs=${epochs}`,
    `training.evaluateEvery=${never}`,
    `training.checkpointEvery=${never}`,
    "data.validationSize=50",
    "data.testSize=50",
  ];
}
