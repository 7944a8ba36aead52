/**
 * The calibrations that an experiment runs with: stored ones where they fit (calibration-search.ts); else the chip is
 * calibrated now, and the result kept in the user's cache for the next time. A run that goes on takes its own.
 */

import { existsSync } from "node:fs";
import { basename, join } from "node:path";
import { calibrationPath, loadCalibration, saveCalibration } from "../calibration/store.ts";
import type { Calibration } from "../calibration/types.ts";
import { checkUsable, failureText } from "../calibration/usable.ts";
import { openChip } from "../chip/index.ts";
import type { Chip } from "../chip/types.ts";
import { UserError } from "../core/errors.ts";
import type { Report } from "../core/progress.ts";
import type { Experiment } from "../experiment/schema.ts";
import {
  type CalibrationNeed,
  calibrationCache,
  calibrationNeeds,
  findStored,
  namedCalibrations,
  needText,
} from "./calibration-search.ts";
import { checkRunFiles } from "./result.ts";

/**
 * Calibration of each population of the experiment; empty in software.
 * @param runFolder of a run that goes on: it goes on with the calibrations that it began with
 * @throws UserError("calibration") when the file that the experiment names, or a file of the run, does not fit, or
 * when a calibration fails for most neurons
 */
export async function chipCalibrations(
  experiment: Pick<Experiment, "network" | "chip">,
  report: Report,
  runFolder?: string,
): Promise<ReadonlyMap<string, Calibration>> {
  const { chip } = experiment;
  const calibrations = new Map<string, Calibration>();
  if (chip.kind === "software") return calibrations;
  const device = await openChip(chip);
  try {
    for (const need of calibrationNeeds(experiment, device.info.id)) {
      const calibration =
        runFolder === undefined
          ? await fittingCalibration(device, need, namedCalibrations(experiment), report)
          : ofRun(runFolder, need);
      const failures = failureText(calibration);
      if (failures !== undefined) report({ kind: "warning", message: failures });
      for (const population of need.populations) calibrations.set(population, calibration);
    }
  } finally {
    await device.close();
  }
  return calibrations;
}

/**
 * The stored calibration for a need, or a new one, which is kept.
 * @param named files that may be used; stored ones when there are none
 */
export async function fittingCalibration(
  device: Chip,
  need: CalibrationNeed,
  named: readonly string[],
  report: Report,
): Promise<Calibration> {
  const say = (what: string): void =>
    report({ kind: "phase", name: "calibration", detail: `${needText(need)}: ${what}` });
  const found = findStored(need, named, (message) => report({ kind: "warning", message }));
  if (found !== undefined) {
    say(`found in ${found.path}`);
    return found.calibration;
  }
  say("none is stored; measuring");
  // Loaded only when it is needed: most runs find a stored calibration.
  const { calibrate } = await import("../calibration/index.ts");
  const calibration = await calibrate(device, need.target, { report });
  checkUsable(calibration);
  const path = calibrationPath(calibrationCache(), need.chip, need.target);
  try {
    saveCalibration(path, calibration);
    say(`kept as ${path}`);
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    report({ kind: "warning", message: `${error.message}; this run keeps its own copy` });
  }
  return calibration;
}

/** Writes the calibrations of a run to its folder, one file per target. */
export function saveRunCalibrations(folder: string, calibrations: ReadonlyMap<string, Calibration>): void {
  [...new Set(calibrations.values())].forEach((calibration, i) => {
    saveCalibration(runCalibrationPath(folder, i), calibration);
  });
}

function ofRun(folder: string, need: CalibrationNeed): Calibration {
  let reason = `${runCalibrationPath(folder, 0)} is missing`;
  for (const path of runCalibrationFiles(folder)) {
    checkRunFiles(folder, basename(path));
    try {
      return loadCalibration(path, need);
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      reason = error.message;
    }
  }
  throw new UserError("calibration", reason, {
    hint: "the run cannot go on without the calibration that it began with; start it anew",
  });
}

/** The calibration files of a run folder, in their order. */
export function runCalibrationFiles(folder: string): string[] {
  const files: string[] = [];
  while (existsSync(runCalibrationPath(folder, files.length)))
    files.push(runCalibrationPath(folder, files.length));
  return files;
}

function runCalibrationPath(folder: string, index: number): string {
  return join(folder, index === 0 ? "calibration.json" : `calibration-${index + 1}.json`);
}
