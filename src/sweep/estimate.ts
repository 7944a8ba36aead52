/** How long the points of a sweep will take, from probes of its settings (engine/estimate.ts). */

import type { Report } from "../core/progress.ts";
import { estimateRun, type RunEstimate } from "../engine/estimate.ts";
import type { Experiment } from "../experiment/schema.ts";
import type { Setting } from "./read-sweep.ts";
import type { Rung } from "./search/schema.ts";

/** Estimates on one core, by the folder of the setting. Settings whose differences cost no time share a probe. */
export async function estimateSettings(
  settings: readonly Setting[],
  report: Report,
): Promise<ReadonlyMap<string, RunEstimate>> {
  const probed = new Map<string, RunEstimate>();
  const estimates = new Map<string, RunEstimate>();
  for (const [i, { folder, experiment, load }] of settings.entries()) {
    const key = JSON.stringify(costly(experiment));
    let estimate = probed.get(key);
    if (estimate === undefined) {
      estimate = await estimateRun(load(), 1);
      probed.set(key, estimate);
    }
    estimates.set(folder, estimate);
    report({ kind: "step", unit: "probe", done: i + 1, total: settings.length });
  }
  return estimates;
}

/** What of an experiment decides how long it takes. */
function costly({ data, encoding, network, chip, loss, estimator, training }: Experiment) {
  return { data, encoding, network, chip, loss, estimator, training };
}

/** Seconds on one core of a whole search, when its points take `secondsPerEpoch` on average. */
export function searchSeconds(rungs: readonly Rung[], runsPerPoint: number, secondsPerEpoch: number): number {
  let before = 0;
  let pointEpochs = 0;
  for (const { points, epochs } of rungs) {
    pointEpochs += points * (epochs - before);
    before = epochs;
  }
  return pointEpochs * runsPerPoint * secondsPerEpoch;
}
