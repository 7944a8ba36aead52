/**
 * Calibrates every chip of a sweep before its runs begin: runs that start at the same time would otherwise measure the
 * same chip, each for itself.
 */

import { join } from "node:path";
import { targetKey } from "../calibration/store.ts";
import type { Report } from "../core/progress.ts";
import { chipCalibrations } from "../engine/chip-calibrations.ts";
import { loadExperiment } from "../experiment/load.ts";
import { calibrationTargets } from "../experiment/network.ts";
import { type PlannedPoint, SWEEP_FILES, type SweepPlan } from "./sweep-folder.ts";

/** Finds or measures what `points` need; once per chip and target. */
export async function calibrateChips(
  sweepFolder: string,
  plan: SweepPlan,
  points: readonly PlannedPoint[],
  report: Report,
): Promise<void> {
  const experiments = new Map<number, ReturnType<typeof loadExperiment>["experiment"]>();
  const known = new Set<string>();
  for (const { setting, chip } of points) {
    let experiment = experiments.get(setting);
    if (experiment === undefined) {
      const file = join(sweepFolder, plan.settings[setting]!.folder, SWEEP_FILES.experiment);
      ({ experiment } = loadExperiment(file));
      experiments.set(setting, experiment);
    }
    const targets = calibrationTargets(experiment);
    if (experiment.chip.kind === "software" || targets === undefined) continue;
    const keys = [...targets.values()].map(targetKey).sort();
    const key = JSON.stringify([experiment.chip.kind, chip, experiment.chip.calibration ?? null, keys]);
    if (known.has(key)) continue;
    known.add(key);
    const onChip =
      chip !== null && experiment.chip.kind === "simulated"
        ? { ...experiment.chip, seed: chip }
        : experiment.chip;
    await chipCalibrations({ ...experiment, chip: onChip }, report);
  }
}
