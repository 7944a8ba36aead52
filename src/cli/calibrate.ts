/** `eventprop calibrate`: measures a chip until its neurons do what a target says, and stores how. */

import { existsSync } from "node:fs";
import { type Command, InvalidArgumentError } from "commander";
import type {
  Calibration,
  CalibrationTarget,
  MeasuredNeurons,
  ParameterQuality,
} from "../calibration/types.ts";
import type { Chip } from "../chip/types.ts";
import { PROGRAM } from "../core/command-line.ts";
import { writeAtomic } from "../core/durable-files.ts";
import { UserError } from "../core/errors.ts";
import type { StoredCalibration } from "../engine/calibration-search.ts";
import { distributions } from "../figures/distributions.ts";
import type { CommandCall } from "./command.ts";
import { setFlag } from "./overrides.ts";
import { createProgress, duration, shortNumber } from "./progress.ts";
import { type Terminal, table } from "./terminal.ts";

interface CalibrateFlags {
  readonly set: readonly string[];
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
  setFlag(command)
    .argument("[file]", "experiment or target file (default: the target of the Yin-Yang experiment)")
    .option("--chip-seed <n>", "seed of the simulated chip", seed)
    .option("-o, --out <file>", "the calibration file (default: a file in the cache of the user)")
    .option("--check", "measure whether a stored calibration still holds; exit code 4 if it does not")
    .option("--force", "calibrate even if a calibration is stored")
    .option("--json", "print the result as one JSON document on stdout")
    .addHelpText(
      "after",
      "\nThree files are written side by side: the calibration (JSON), its quality table (CSV) and its distributions (SVG)." +
        "\nStored calibrations are looked for in the cache of the user ($XDG_CACHE_HOME or ~/.cache), then" +
        "\namong those that came with the program. If most neurons fail, nothing is stored and the exit code is 4." +
        "\nA target file holds potentials and times of its own: leak, reset, threshold, tauMem, tauSynExc, tauSynInh," +
        "\nrefractory, synapseGm, synapseDacBias, e.g.:  tauMem: 10 us" +
        `\n\nExamples:\n  $ ${PROGRAM} calibrate\n  $ ${PROGRAM} calibrate experiments/yin-yang.yaml --set chip.seed=3` +
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
  const { chip: chipOptions, targets } = calibrationWork(file, options.set, options.chipSeed, terminal);
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
  const { calibrationPath, loadCalibration, reserveCalibration } = await import("../calibration/store.ts");
  const { calibrationCache, findStored } = await import("../engine/calibration-search.ts");
  const { id } = chip.info;
  if (options.force !== true) {
    const usable = ({ path, calibration }: StoredCalibration): Outcome => {
      terminal.say(`${path} is a calibration of this chip for this target; --force measures again`);
      return { code: 0, path, calibration, quality: calibration.quality };
    };
    if (options.out === undefined) {
      const found = findStored({ chip: id, target, populations: [] }, [], (reason) => terminal.warn(reason));
      if (found !== undefined) return usable(found);
    } else if (existsSync(options.out)) {
      try {
        return usable({ path: options.out, calibration: loadCalibration(options.out, { chip: id, target }) });
      } catch (error) {
        if (!(error instanceof UserError)) throw error;
        reserveCalibration(options.out);
        throw new UserError(error.code, error.message, { hint: "--force replaces this file", cause: error });
      }
    }
  }
  return measure(chip, target, options.out ?? calibrationPath(calibrationCache(), id, target), terminal);
}

async function measure(
  chip: Chip,
  target: CalibrationTarget,
  path: string,
  terminal: Terminal,
): Promise<Outcome> {
  const { calibrate } = await import("../calibration/index.ts");
  const { qualityPath, reserveCalibration, saveCalibration } = await import("../calibration/store.ts");
  const { checkUsable, failureText } = await import("../calibration/usable.ts");
  reserveCalibration(path);
  const started = performance.now();
  const progress = createProgress(terminal);
  let before: ReadonlyMap<string, Float64Array> = new Map();
  const seeBefore = (values: typeof before): void => {
    before = values;
  };
  try {
    const calibration = await calibrate(chip, target, { report: progress.report, seeBefore });
    progress.clear();
    checkUsable(calibration);
    const failures = failureText(calibration);
    if (failures !== undefined) terminal.warn(failures);
    saveCalibration(path, calibration);
    const took = duration((performance.now() - started) / 1000);
    const figure = await figureOf(path, calibration, before, terminal);
    terminal.say(`measured in ${took}; see also ${[qualityPath(path), ...figure].join(" and ")}`);
    return { code: 0, path, calibration, quality: calibration.quality };
  } finally {
    progress.clear();
  }
}

/** Draws the figure beside the calibration; a figure that fails costs no calibration. */
async function figureOf(
  path: string,
  calibration: Calibration,
  before: ReadonlyMap<string, Float64Array>,
  terminal: Terminal,
): Promise<readonly string[]> {
  try {
    await drawCalibration(path, calibration, before);
    return [figurePath(path)];
  } catch (error) {
    terminal.warn(`the figure is not drawn: ${(error as Error).message}`);
    return [];
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
  const { calibrationPath, loadCalibration } = await import("../calibration/store.ts");
  const { calibrationCache, findStored } = await import("../engine/calibration-search.ts");
  const need = { chip: chip.info.id, target, populations: [] };
  const found =
    options.out === undefined ? findStored(need, [], (reason) => terminal.warn(reason)) : undefined;
  const path = found?.path ?? options.out ?? calibrationPath(calibrationCache(), need.chip, target);
  const calibration = found?.calibration ?? loadCalibration(path, need);
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

// The report ------------------------------------------------------------------------------------------------

// A calibration for people: the quality table and the figure of distributions.

/** Failed neurons that are named in a row; the rest is counted. */
const NAMED = 6;

/** One line per parameter: target, spread before and after, worst neuron, failed neurons. */
export function qualityLines(quality: readonly ParameterQuality[]): string[] {
  const header = ["parameter", "unit", "target", "before", "after", "worst neuron", "error", "failed"];
  const rows = quality.map((one) => [
    one.parameter,
    one.unit,
    shortNumber(one.target),
    Number.isNaN(one.before) ? "-" : shortNumber(one.before),
    shortNumber(one.after),
    String(one.worst),
    shortNumber(one.worstError),
    namedNeurons(one.failed),
  ]);
  return table([header, ...rows], [2, 3, 4, 5, 6]);
}

function namedNeurons(neurons: readonly number[]): string {
  if (neurons.length === 0) return "-";
  const named = neurons.slice(0, NAMED).join(" ");
  return neurons.length > NAMED ? `${named} and ${neurons.length - NAMED} more` : named;
}

export function figurePath(path: string): string {
  return `${path.replace(/\.json$/, "")}.svg`;
}

/**
 * Draws the distributions over neurons before and after, beside the calibration file.
 *
 * @param before values at the median code, by parameter
 * @throws UserError("file")
 */
export async function drawCalibration(
  path: string,
  { chip, quality, measured }: Calibration,
  before: ReadonlyMap<string, Float64Array>,
): Promise<void> {
  const panels = quality.flatMap(({ parameter, unit, target }) => {
    const values = before.get(parameter);
    if (values === undefined) return [];
    return [{ parameter, unit, target, before: values, after: measured[parameter as keyof MeasuredNeurons] }];
  });
  const note = "one value per neuron, as measured";
  writeAtomic(figurePath(path), await distributions(`Calibration of ${chip}`, note, panels));
}
