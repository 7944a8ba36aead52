/**
 * Where calibrations are looked for, the same for every command and in this order: the files that the experiment
 * names; the cache of the user, where those are kept that the program measured; those that came with the program.
 */

import { homedir } from "node:os";
import { isAbsolute, join } from "node:path";
import { findCalibration, loadCalibration, SHIPPED_FOLDER, targetKey } from "../calibration/store.ts";
import { TARGET_PARAMETERS } from "../calibration/target.ts";
import type { Calibration, CalibrationTarget } from "../calibration/types.ts";
import { UserError } from "../core/errors.ts";
import { calibrationTargets } from "../experiment/network.ts";
import type { Experiment } from "../experiment/schema.ts";

/** One calibration that an experiment needs, and the populations that share it. */
export interface CalibrationNeed {
  readonly chip: string;
  readonly target: CalibrationTarget;
  readonly populations: readonly string[];
}

export interface StoredCalibration {
  readonly path: string;
  readonly calibration: Calibration;
}

/**
 * The folder of the user's calibrations: that of caches as the system has it, `XDG_CACHE_HOME` first. Nothing in it is
 * lost when it is emptied; it is measured again.
 */
export function calibrationCache(environment = process.env): string {
  const { XDG_CACHE_HOME: xdg = "", LOCALAPPDATA: local = "" } = environment;
  const base = isAbsolute(xdg)
    ? xdg
    : process.platform === "darwin"
      ? join(homedir(), "Library", "Caches")
      : process.platform === "win32" && isAbsolute(local)
        ? local
        : join(homedir(), ".cache");
  return join(base, "eventprop", "calibration");
}

/** The targets of an experiment, each once; empty in software. */
export function calibrationNeeds(
  experiment: Pick<Experiment, "network" | "chip">,
  chip: string,
): CalibrationNeed[] {
  const byTarget = new Map<string, { target: CalibrationTarget; populations: string[] }>();
  for (const [population, target] of calibrationTargets(experiment) ?? []) {
    const key = targetKey(target);
    const need = byTarget.get(key);
    if (need === undefined) byTarget.set(key, { target, populations: [population] });
    else need.populations.push(population);
  }
  return [...byTarget.values()].map((need) => ({ chip, ...need }));
}

/** `simulated-1 for hidden, readout (tauMem 10 us)`: what differs from the target that is usual is named. */
export function needText({ chip, target, populations }: CalibrationNeed): string {
  const unusual = TARGET_PARAMETERS.filter(({ name, defaultValue }) => target[name] !== defaultValue).map(
    ({ name, unit }) => `${name} ${target[name]}${unit === "code" ? "" : ` ${unit}`}`,
  );
  const whom = populations.length === 0 ? "" : ` for ${populations.join(", ")}`;
  return `${chip}${whom}${unusual.length === 0 ? "" : ` (${unusual.join(", ")})`}`;
}

/**
 * The stored calibration for a need; undefined when there is none.
 * @param named files that the experiment names: then one of them must fit
 * @param unusable hears why a file that was found must not be used
 * @throws UserError("calibration") when files are named and none of them fits
 */
export function findStored(
  need: CalibrationNeed,
  named: readonly string[],
  unusable: (reason: string) => void,
): StoredCalibration | undefined {
  if (named.length > 0) return fittingFile(need, named);
  for (const folder of [calibrationCache(), SHIPPED_FOLDER]) {
    const found = findCalibration(folder, need.chip, need.target);
    if (found.kind === "found") return found;
    if (found.kind === "unusable") unusable(found.reason);
  }
  return undefined;
}

/** The file for a need, where each population may have one of its own. */
function fittingFile(need: CalibrationNeed, files: readonly string[]): StoredCalibration {
  const refusals: UserError[] = [];
  for (const path of files) {
    try {
      return { path, calibration: loadCalibration(path, need) };
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      refusals.push(error);
    }
  }
  const [first, ...also] = refusals as [UserError, ...UserError[]];
  if (files.length === 1) throw first;
  throw new UserError("calibration", `no calibration file fits ${needText(need)}: ${first.message}`, {
    ...(first.hint === undefined ? {} : { hint: first.hint }),
    also,
  });
}

/** `chip.calibration` of an experiment as a list of files. */
export function namedCalibrations({ chip }: Pick<Experiment, "chip">): readonly string[] {
  if (chip.kind === "software" || chip.calibration === undefined) return [];
  return typeof chip.calibration === "string" ? [chip.calibration] : chip.calibration;
}
