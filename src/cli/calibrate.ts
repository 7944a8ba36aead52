/** `eventprop calibrate`: measures a chip until its neurons do what a target says, and stores how. */

import { existsSync } from "node:fs";
import { type Command, InvalidArgumentError } from "commander";
import type { Calibration, CalibrationTarget, ParameterQuality } from "../calibration/types.ts";
import type { Chip } from "../chip/types.ts";
import { PROGRAM } from "../core/command-line.ts";
import { UserError } from "../core/errors.ts";
import type { CommandCall } from "./command.ts";
import { createProgress, duration } from "./progress.ts";
import type { Terminal } from "./terminal.ts";

interface CalibrateFlags {
  readonly chipSeed?: number;
  readonly out?: string;
  readonly check?: boolean;
  readonly force?: boolean;
  readonly json?: boolean;
}

interface Outcome {
  readonly code: number;
  readonly path: string;
  readonly calibration: Calibration;
  /** As measured now. */
  readonly quality: readonly ParameterQuality[];
}

const NO_LONGER_HOLDS = 4;

export function configure(command: Command): void {
  command
    .argument("[file]", "experiment or target file; the Yin-Yang target when absent")
    .option("--chip-seed <n>", "which simulated chip", seed)
    .option("-o, --out <file>", "the calibration file; calibration/<chip>-<target>.json by default")
    .option("--check", "measure with a stored calibration; exit code 4 when it no longer holds")
    .option("--force", "calibrate although a calibration is stored")
    .option("--json", "the result as one JSON document on stdout")
    .addHelpText(
      "after",
      "\nThe calibration (JSON), its quality table (CSV) and its distributions (SVG) lie side by side." +
        "\nA target file holds what chip.target of an experiment does, e.g.:  tauMem: 10 us" +
        `\n\nExamples:\n  $ ${PROGRAM} calibrate\n  $ ${PROGRAM} calibrate experiments/yin-yang.yaml --chip-seed 3` +
        `\n  $ ${PROGRAM} calibrate --check`,
    );
}

export async function run({ operands, options, terminal }: CommandCall<CalibrateFlags>): Promise<number> {
  const [file] = operands as [string | undefined];
  if (options.check === true && options.force === true) {
    throw new UserError("usage", "--check measures what is stored, --force replaces it: choose one");
  }
  const { calibrationWork } = await import("./calibration-work.ts");
  const { openChip } = await import("../chip/index.ts");
  const { chip: chipOptions, targets } = calibrationWork(file, options.chipSeed, terminal);
  if (options.out !== undefined && targets.length > 1) {
    const problem = `--out names one file, but ${file} asks for ${targets.length} calibrations`;
    throw new UserError("usage", problem, { hint: "its populations have different time constants" });
  }
  const chip = await openChip(chipOptions);
  const outcomes: Outcome[] = [];
  try {
    for (const target of targets) {
      const outcome = await (options.check === true ? check : find)(chip, target, options, terminal);
      if (options.json !== true) await show(outcome, terminal);
      outcomes.push(outcome);
    }
  } finally {
    await chip.close();
  }
  const documents = outcomes.map(documentOf);
  if (options.json === true) {
    terminal.result(JSON.stringify(documents.length === 1 ? documents[0] : documents, null, 2));
  }
  return Math.max(...outcomes.map(({ code }) => code));
}

/** The stored calibration if it may be used, else a new one. */
async function find(
  chip: Chip,
  target: CalibrationTarget,
  options: CalibrateFlags,
  terminal: Terminal,
): Promise<Outcome> {
  const { CALIBRATION_FOLDER, calibrationPath, loadCalibration, reserveCalibration } = await import(
    "../calibration/store.ts"
  );
  const path = options.out ?? calibrationPath(CALIBRATION_FOLDER, chip.info.id, target);
  if (options.force !== true && existsSync(path)) {
    try {
      const calibration = loadCalibration(path, { chip: chip.info.id, target });
      terminal.say(`${path} is a calibration of this chip for this target; --force measures again`);
      return { code: 0, path, calibration, quality: calibration.quality };
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      // A file that was named may be anything; one under the usual name is a calibration that aged.
      if (options.out !== undefined) {
        reserveCalibration(path);
        throw new UserError(error.code, error.message, { hint: "--force replaces this file", cause: error });
      }
      terminal.warn(`${error.message}; calibrating again`);
    }
  }
  return measure(chip, target, path, terminal);
}

async function measure(
  chip: Chip,
  target: CalibrationTarget,
  path: string,
  terminal: Terminal,
): Promise<Outcome> {
  const { calibrate } = await import("../calibration/index.ts");
  const { qualityPath, reserveCalibration, saveCalibration } = await import("../calibration/store.ts");
  const { drawCalibration, figurePath } = await import("./calibration-report.ts");
  reserveCalibration(path);
  const started = performance.now();
  const progress = createProgress(terminal);
  let before: ReadonlyMap<string, Float64Array> = new Map();
  const seeBefore = (values: typeof before): void => {
    before = values;
  };
  try {
    const calibration = await calibrate(chip, target, { report: progress.report, seeBefore });
    saveCalibration(path, calibration);
    await drawCalibration(path, calibration, before);
    progress.clear();
    const took = duration((performance.now() - started) / 1000);
    terminal.say(`measured in ${took}; see also ${qualityPath(path)} and ${figurePath(path)}`);
    return { code: 0, path, calibration, quality: calibration.quality };
  } finally {
    progress.clear();
  }
}

/** Measures with the stored calibration. */
async function check(
  chip: Chip,
  target: CalibrationTarget,
  options: CalibrateFlags,
  terminal: Terminal,
): Promise<Outcome> {
  const { verify } = await import("../calibration/index.ts");
  const { CALIBRATION_FOLDER, calibrationPath, loadCalibration, SHIPPED_FOLDER } = await import(
    "../calibration/store.ts"
  );
  const own = calibrationPath(CALIBRATION_FOLDER, chip.info.id, target);
  const shipped = calibrationPath(SHIPPED_FOLDER, chip.info.id, target);
  const path = options.out ?? (existsSync(own) || !existsSync(shipped) ? own : shipped);
  const calibration = loadCalibration(path, { chip: chip.info.id, target });
  const progress = createProgress(terminal);
  try {
    const { holds, quality, lost } = await verify(chip, calibration, { report: progress.report });
    progress.clear();
    const good = calibration.success.reduce((sum, one) => sum + one, 0);
    const count = `${lost.length} of ${good} good neurons are outside a tolerance`;
    if (holds) terminal.say(`the calibration holds: ${count}`);
    else terminal.warn(`the calibration no longer holds: ${count}`, undefined, "--force measures again");
    return { code: holds ? 0 : NO_LONGER_HOLDS, path, calibration, quality };
  } finally {
    progress.clear();
  }
}

async function show({ path, calibration, quality }: Outcome, terminal: Terminal): Promise<void> {
  const { qualityLines } = await import("./calibration-report.ts");
  for (const line of qualityLines(quality)) terminal.result(line);
  const failed = failedNeurons(calibration);
  if (failed.length > 0) terminal.say(`neurons that placement avoids: ${failed.join(", ")}`);
  terminal.result(path);
}

function documentOf({ code, path, calibration, quality }: Outcome) {
  const { chip, target, strength, spikeLatency, cadcLag } = calibration;
  const failed = failedNeurons(calibration);
  return { file: path, holds: code === 0, chip, target, strength, spikeLatency, cadcLag, failed, quality };
}

function failedNeurons({ success }: Calibration): number[] {
  return [...success.keys()].filter((neuron) => success[neuron] === 0);
}

function seed(text: string): number {
  const value = Number(text);
  if (/^\d+$/.test(text) && value <= 0xffffffff) return value;
  throw new InvalidArgumentError("a whole number from 0 to 4294967295 is expected.");
}
