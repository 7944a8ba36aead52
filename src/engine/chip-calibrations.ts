/**
 * The calibrations that an experiment needs: a stored one where chip, target and version agree, else the chip
 * is calibrated now, and the result stored for the next time.
 */

import { existsSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import {
  calibrationPath,
  type Found,
  findCalibration,
  loadCalibration,
  saveCalibration,
  targetKey,
} from "../calibration/store.ts";
import type { Calibration, CalibrationTarget } from "../calibration/types.ts";
import { openChip } from "../chip/index.ts";
import { UserError } from "../core/errors.ts";
import type { Report } from "../core/progress.ts";
import { calibrationTargets } from "../experiment/network.ts";
import type { Experiment } from "../experiment/schema.ts";

/** Where calibrations of one's own are kept, in the working folder, and those that came with the program. */
export const CALIBRATION_FOLDER = "calibration";
const SHIPPED = fileURLToPath(new URL("../../calibration", import.meta.url));

/**
 * Calibration of each population of the experiment; empty in software.
 * @param runFolder of a run that goes on: it goes on with the calibrations that it began with
 * @throws UserError("calibration") when the file that the experiment names, or a file of the run, does not fit
 */
export async function chipCalibrations(
  experiment: Pick<Experiment, "network" | "chip">,
  report: Report,
  runFolder?: string,
): Promise<ReadonlyMap<string, Calibration>> {
  const { chip } = experiment;
  const targets = calibrationTargets(experiment);
  if (chip.kind === "software" || targets === undefined) return new Map();
  const device = await openChip(chip);
  const byTarget = new Map<string, Calibration>();
  const calibrations = new Map<string, Calibration>();
  for (const [population, target] of targets) {
    const key = targetKey(target);
    let calibration = byTarget.get(key);
    if (calibration === undefined) {
      const { id } = device.info;
      if (runFolder !== undefined) calibration = ofRun(runFolder, id, target);
      else if (chip.calibration !== undefined)
        calibration = loadCalibration(chip.calibration, { chip: id, target });
      else calibration = stored(id, target, report) ?? (await measured(device, target, report));
      byTarget.set(key, calibration);
    }
    calibrations.set(population, calibration);
  }
  await device.close();
  return calibrations;
}

function stored(chip: string, target: CalibrationTarget, report: Report): Calibration | undefined {
  for (const folder of [CALIBRATION_FOLDER, SHIPPED]) {
    const found: Found = findCalibration(folder, chip, target);
    if (found.kind === "found") {
      report({ kind: "phase", name: "calibration", detail: `stored, ${found.path}` });
      return found.calibration;
    }
    if (found.kind === "unusable") report({ kind: "warning", message: found.reason });
  }
  return undefined;
}

async function measured(
  device: Awaited<ReturnType<typeof openChip>>,
  target: CalibrationTarget,
  report: Report,
): Promise<Calibration> {
  const { id } = device.info;
  report({ kind: "phase", name: "calibration", detail: `none stored for ${id} and this target; measuring` });
  // Loaded only when it is needed: most runs find a stored calibration.
  const { calibrate } = await import("../calibration/index.ts");
  const calibration = await calibrate(device, target, { report });
  const path = calibrationPath(CALIBRATION_FOLDER, id, target);
  try {
    saveCalibration(path, calibration);
    report({ kind: "phase", name: "calibration", detail: `stored as ${path}` });
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    report({ kind: "warning", message: `${error.message}; this run keeps its own copy` });
  }
  return calibration;
}

/** Files of a run folder that hold its calibrations, one per target. */
export function saveRunCalibrations(folder: string, calibrations: ReadonlyMap<string, Calibration>): void {
  [...new Set(calibrations.values())].forEach((calibration, i) => {
    saveCalibration(runCalibrationPath(folder, i), calibration);
  });
}

function ofRun(folder: string, chip: string, target: CalibrationTarget): Calibration {
  let reason = `${runCalibrationPath(folder, 0)} is missing`;
  for (const path of runCalibrationFiles(folder)) {
    try {
      return loadCalibration(path, { chip, target });
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
