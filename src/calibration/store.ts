/**
 * Calibrations on disk: `<folder>/<chip id>-<target key>.json`, with a quality table beside it. The only place of
 * this layer that touches files. A file is used only when it is whole, unedited, and made for this chip, this
 * target and by this version; otherwise the complaint says which of these is wrong.
 */

import { createHash } from "node:crypto";
import { existsSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { stringify } from "csv-stringify/sync";
import { checkConfig } from "../chip/config.ts";
import { PROGRAM } from "../core/command-line.ts";
import { createFolder, temporaryPath, writeAtomic } from "../core/durable-files.ts";
import { fileReason, UserError } from "../core/errors.ts";
import { parseJson } from "../core/json-text.ts";
import { packagePath } from "../core/package-folder.ts";
import { calibrationFrom, calibrationText, contentDigest, FORMAT, FormatProblem } from "./store-format.ts";
import { TARGET_PARAMETERS } from "./target.ts";
import type { Calibration, CalibrationTarget } from "./types.ts";

/** Calibrations that came with the program. */
export const SHIPPED_FOLDER = packagePath("calibration");

/** Version of this program, as calibrations name it. */
export function softwareVersion(): string {
  const text = readFileSync(packagePath("package.json"), "utf8");
  return (JSON.parse(text) as { version: string }).version;
}

/** Short name of a target: equal for equal values. */
export function targetKey(target: CalibrationTarget): string {
  const values = TARGET_PARAMETERS.map(({ name }) => `${name} ${target[name]}`).join("\n");
  return createHash("sha256").update(values).digest("hex").slice(0, 8);
}

/** Name of the calibration of a chip for a target; the file is this with `.json`. */
export function calibrationKey(chip: string, target: CalibrationTarget): string {
  return `${chip}-${targetKey(target)}`;
}

export function calibrationPath(folder: string, chip: string, target: CalibrationTarget): string {
  return join(folder, `${calibrationKey(chip, target)}.json`);
}

/** What a calibration must have been made for. */
export interface Wanted {
  readonly chip?: string;
  readonly target?: CalibrationTarget;
}

/**
 * Reads a calibration file.
 * @throws UserError("calibration") when it is absent, damaged, edited, of another version, chip or target
 */
export function loadCalibration(path: string, wanted: Wanted = {}): Calibration {
  const calibration = readCalibration(path);
  const refuse = (problem: string): never => {
    throw new UserError("calibration", `${path}: ${problem}`, {
      hint: `run \`${PROGRAM} calibrate\` for this chip and target`,
    });
  };
  if (calibration.software !== softwareVersion()) {
    refuse(`was measured by version ${calibration.software} of this program, this is ${softwareVersion()}`);
  }
  if (wanted.chip !== undefined && calibration.chip !== wanted.chip) {
    refuse(`belongs to chip ${calibration.chip}, not to ${wanted.chip}`);
  }
  if (wanted.target !== undefined) {
    for (const { name, unit } of TARGET_PARAMETERS) {
      const [has, wants] = [calibration.target[name], wanted.target[name]];
      if (has !== wants) refuse(`has another target: ${name} is ${has} ${unit}, wanted is ${wants} ${unit}`);
    }
  }
  return calibration;
}

/** Whether a file begins like a calibration: for those who name one where another file is meant. */
export function isCalibrationFile(path: string): boolean {
  try {
    return /^\{\s*"digest": "[0-9a-f]{64}"/.test(readFileSync(path, "utf8"));
  } catch {
    return false;
  }
}

export type Found =
  | { readonly kind: "found"; readonly path: string; readonly calibration: Calibration }
  /** Nothing is stored. */
  | { readonly kind: "absent"; readonly path: string }
  /** Something is stored that must not be used; `reason` for the user. */
  | { readonly kind: "unusable"; readonly path: string; readonly reason: string };

/** Looks for the calibration of a chip for a target under its usual name. */
export function findCalibration(folder: string, chip: string, target: CalibrationTarget): Found {
  const path = calibrationPath(folder, chip, target);
  if (!existsSync(path)) return { kind: "absent", path };
  try {
    return { kind: "found", path, calibration: loadCalibration(path, { chip, target }) };
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    return { kind: "unusable", path, reason: error.message };
  }
}

/**
 * Makes sure that a calibration can be written to `path`, before one is measured for minutes: creates the folder and
 * tries it. What is at `path` stays.
 * @throws UserError("file")
 */
export function reserveCalibration(path: string): void {
  explainWrites(path, () => {
    createFolder(dirname(path));
    if (existsSync(path) && statSync(path).isDirectory()) throw unwritable(path, "it is a folder");
    const temporary = temporaryPath(path);
    writeFileSync(temporary, "");
    rmSync(temporary);
  });
}

/**
 * Writes the calibration to `path` and its quality table to `path` with `.csv`. Both whole or not at all.
 * @throws UserError("file")
 */
export function saveCalibration(path: string, calibration: Calibration): void {
  explainWrites(path, () => {
    createFolder(dirname(path));
    writeAtomic(path, calibrationText(calibration));
    writeAtomic(qualityPath(path), qualityText(calibration));
  });
}

function explainWrites(path: string, write: () => void): void {
  try {
    write();
  } catch (cause) {
    const reason = fileReason(cause);
    if (reason !== undefined) throw unwritable(path, reason, cause);
    if (!(cause instanceof UserError) || cause.hint !== undefined) throw cause;
    // Of the writer of files, which knows less than this layer what to do.
    throw unwritable(path, cause.message.replace(`cannot write ${path}: `, ""), cause);
  }
}

function unwritable(path: string, reason: string, cause?: unknown): UserError {
  return new UserError("file", `cannot write ${path}: ${reason}`, {
    hint: "choose another place with --out",
    cause,
  });
}

export function qualityPath(path: string): string {
  return `${path.replace(/\.json$/, "")}.csv`;
}

/** One row per parameter. */
export function qualityText(calibration: Calibration): string {
  const rows = calibration.quality.map((one) => ({
    parameter: one.parameter,
    unit: one.unit,
    target: one.target,
    tolerance: one.tolerance,
    spread_before: one.before,
    spread_after: one.after,
    worst_neuron: one.worst,
    worst_error: one.worstError,
    failed: one.failed.join(" "),
  }));
  return stringify(rows, { header: true });
}

function readCalibration(path: string): Calibration {
  const refuse = (problem: string, cause?: unknown): never => {
    const hint = "calibrate again; a calibration file is not meant to be edited";
    throw new UserError("calibration", `${path}: ${problem}`, { hint, cause });
  };
  const { value } = parse(path);
  if (value === null || typeof value !== "object" || Array.isArray(value))
    return refuse("is not a calibration");
  if (value["format"] !== FORMAT)
    return refuse(`has format ${JSON.stringify(value["format"])}, this program reads format ${FORMAT}`);
  if (value["digest"] !== contentDigest(value))
    return refuse("was edited or damaged: its digest does not fit its content");
  try {
    const calibration = calibrationFrom(value);
    const { neurons, quadrants, cadcOffset, refractoryClocks } = calibration.words;
    checkConfig({ neurons, quadrants, cadcOffset, refractoryClocks });
    return calibration;
  } catch (cause) {
    if (cause instanceof FormatProblem || cause instanceof UserError) return refuse(cause.message, cause);
    throw cause;
  }
}

function parse(path: string): ReturnType<typeof parseJson> {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (cause) {
    const reason = fileReason(cause) ?? (cause as Error).message;
    const hint = `\`${PROGRAM} calibrate\` measures a chip and stores the calibration`;
    throw new UserError("calibration", `cannot read the calibration ${path}: ${reason}`, { hint, cause });
  }
  try {
    return parseJson(text, path);
  } catch (cause) {
    if (!(cause instanceof UserError)) throw cause;
    const where = cause.where === undefined ? {} : { where: cause.where };
    throw new UserError("calibration", `${path} is damaged or cut off: ${cause.message}`, {
      ...where,
      cause,
    });
  }
}
