/** `eventprop train`: an experiment from its file to its run folder. */

import { availableParallelism } from "node:os";
import { join } from "node:path";
import { type Command, InvalidArgumentError } from "commander";
import { commandLine } from "../core/command-line.ts";
import { UserError } from "../core/errors.ts";
import type { RunResult } from "../engine/result.ts";
import type { Experiment } from "../experiment/schema.ts";
import type { CommandCall } from "./command.ts";
import { loadOptions, type OverrideOptions, overrideFlags } from "./overrides.ts";
import { bytesText, createProgress, duration } from "./progress.ts";
import { listenForStops, type Stops } from "./stop.ts";
import { type Terminal, table } from "./terminal.ts";

interface TrainOptions extends OverrideOptions {
  readonly out?: string;
  readonly resume?: string;
  readonly epochs?: number;
  readonly from?: string;
  readonly otherProgram?: boolean;
  readonly dryRun?: boolean;
  readonly json?: boolean;
}

/** More participants than blocks of a batch would only wait. */
const MAX_WORKERS = 8;

export function configure(command: Command): void {
  command.argument("[experiment.yaml]", "experiment file");
  overrideFlags(command)
    .option("-o, --out <dir>", "run folder; it must be empty or not exist yet")
    .option(
      "--resume <dir>",
      "continue an interrupted run in its folder; the result is the same as without the interruption",
    )
    .option(
      "--epochs <n>",
      "with --resume: train to n epochs in total, if the schedule allows it",
      epochCount,
    )
    .option(
      "--from <run>",
      "start from the weights of another run folder; without an experiment file, use its experiment too",
    )
    .option(
      "--other-program",
      "with --resume: continue even if the run was started with another version of this program",
    )
    .option("--dry-run", "check the experiment and estimate time, memory and bytes; write nothing")
    .option("--json", "print the result as one JSON document on stdout")
    .addHelpText(
      "after",
      "\nCtrl-C ends the run after the current batch and saves a checkpoint (exit code 130); a second Ctrl-C ends it at once." +
        "\nThe signals TERM, HUP and USR2 do the same with exit code 75. Under nohup, HUP is ignored." +
        "\nIf the data file was moved, use --resume <dir> --set data.path=<file>. A file with other content is refused.\n" +
        `\nExamples:\n  $ ${commandLine("train", "experiments/smoke.yaml")}` +
        `\n  $ ${commandLine("train", "experiments/yin-yang.yaml", "--set", "chip.seed=2", "--seed", "7", "--out", "runs/chip-2")}` +
        `\n  $ ${commandLine("train", "--resume", "runs/chip-2")}` +
        `\n  $ ${commandLine("train", "--from", "runs/chip-2", "--set", "chip.seed=3")}`,
    );
}

export async function run({ operands, options, terminal }: CommandCall<TrainOptions>): Promise<number> {
  const started = new Date();
  const [file] = operands as [string | undefined];
  const { runTraining } = await import("../engine/training-run.ts");
  if (options.resume !== undefined) {
    refuseWithResume(file, options);
    const { finishedResult } = await import("../engine/resume.ts");
    const result = options.epochs === undefined ? finishedResult(options.resume, options.set) : undefined;
    if (result !== undefined) {
      terminal.say(
        `the run is finished: ${result.epochs} epochs; nothing is left to do, nothing was written`,
      );
      showResult(options.resume, result, options, terminal);
      return 0;
    }
  }
  if (options.dryRun === true) return dryRun(file, options, terminal);
  const { loaded, resume, from } = await open(file, options, terminal);
  const progress = createProgress(terminal);
  let stops: Stops | undefined;
  try {
    const { folder, result } = await runTraining({
      loaded,
      workers: workersOf(loaded.experiment),
      command: process.argv.slice(2),
      started,
      report: progress.report,
      // Before that nothing is written: whatever ends the program may end it at once.
      begins: () => {
        stops = listenForStops(
          () => {
            progress.clear();
            terminal.say("stopping after this batch; Ctrl-C again to stop at once");
          },
          (code) => endNow(code, options, terminal),
        );
      },
      stopRequested: () => stops?.requested() === true,
      interruptedCode: () => stops?.exitCode() ?? 0,
      ...(options.out === undefined ? {} : { out: options.out }),
      ...(resume === undefined ? {} : { resume }),
      ...(from === undefined ? {} : { from }),
    });
    progress.clear();
    showResult(folder, result, options, terminal);
    return result.outcome === "finished" ? 0 : ((stops as Stops | undefined)?.exitCode() ?? 0);
  } finally {
    progress.clear();
    (stops as Stops | undefined)?.ignore();
    resume?.lock.release();
  }
}

function workersOf({ training }: Experiment): number {
  return training.workers ?? Math.min(availableParallelism(), MAX_WORKERS);
}

/** What the run would take. Nothing is written, and no chip is calibrated. */
async function dryRun(file: string | undefined, options: TrainOptions, terminal: Terminal): Promise<number> {
  if (options.resume !== undefined)
    throw new UserError("usage", "--dry-run estimates a new run; a run that goes on is there already");
  const { loaded } = await open(file, options, terminal);
  const { estimateRun } = await import("../engine/estimate.ts");
  const workers = workersOf(loaded.experiment);
  const estimate = await estimateRun(loaded, workers);
  if (options.json === true) {
    terminal.result(JSON.stringify({ workers, ...estimate }, null, 2));
    return 0;
  }
  const { seconds, secondsPerEpoch, memoryBytes, diskBytes, observedBytesPerEpoch } = estimate;
  const time = (value: number | null): string => (value === null ? "unknown" : `about ${duration(value)}`);
  const rows = [
    ["time", time(seconds)],
    ["of an epoch", time(secondsPerEpoch)],
    ["memory", `about ${bytesText(memoryBytes)}`],
    ["run folder", `about ${bytesText(diskBytes)}`],
    ...(observedBytesPerEpoch === null
      ? []
      : [["from the chip, per epoch", bytesText(observedBytesPerEpoch)]]),
  ];
  for (const line of table(rows)) terminal.result(line);
  terminal.say(estimate.basis);
  return 0;
}

/** The experiment to run: that of a file, or that of a run that goes on. */
async function open(file: string | undefined, options: TrainOptions, terminal: Terminal) {
  const { loadExperiment } = await import("../experiment/load.ts");
  if (options.resume === undefined) {
    if (options.epochs !== undefined)
      throw new UserError("usage", "--epochs means nothing without --resume", {
        hint: `a new run has --set training.epochs=${options.epochs}`,
      });
    if (file === undefined && options.from === undefined)
      throw new UserError("usage", "no experiment file", {
        hint: `e.g. ${commandLine("train", "experiments/smoke.yaml")}`,
      });
    const { parentRun } = await import("../engine/open-run.ts");
    const { RUN_FILES } = await import("../engine/run-folder.ts");
    const loaded = loadExperiment(
      file ?? join(options.from as string, RUN_FILES.config),
      loadOptions(options),
    );
    for (const { message, where, hint } of loaded.warnings) terminal.warn(message, where, hint);
    const from = options.from === undefined ? undefined : parentRun(options.from, loaded);
    return { loaded, from };
  }
  const { openResume } = await import("../engine/resume.ts");
  const resume = openResume({
    folder: options.resume,
    set: options.set,
    anyProgram: options.otherProgram === true,
    epochs: options.epochs,
  });
  for (const { message, where, hint } of resume.loaded.warnings) terminal.warn(message, where, hint);
  for (const note of resume.notes) terminal.warn(note);
  return { loaded: resume.loaded, resume };
}

function refuseWithResume(file: string | undefined, { out, seed, from }: TrainOptions): void {
  if (file !== undefined || out !== undefined || seed !== undefined || from !== undefined)
    throw new UserError("usage", "--resume goes on with a run as it is: no file, --out, --seed or --from");
}

function epochCount(text: string): number {
  const value = Number(text);
  if (/^\d+$/.test(text) && value >= 1 && value <= 1_000_000) return value;
  throw new InvalidArgumentError("a whole number from 1 to 1000000 is expected.");
}

/** At the second Ctrl-C: the run folder keeps its last checkpoint. */
function endNow(code: number, { json }: TrainOptions, terminal: Terminal): never {
  if (json === true)
    terminal.result(JSON.stringify({ ok: false, outcome: "interrupted", exitCode: code }, null, 2));
  process.exit(code);
}

function showResult(folder: string, result: RunResult, { json }: TrainOptions, terminal: Terminal): void {
  const finished = result.outcome === "finished";
  const resume = commandLine("train", "--resume", folder);
  if (!finished) terminal.say(`interrupted after ${result.epochs} epochs; go on with:`);
  if (json === true) {
    const next = finished ? {} : { resume };
    terminal.result(JSON.stringify({ folder, ok: finished, ...summary(result), ...next }, null, 2));
    return;
  }
  if (!finished) {
    terminal.result(resume);
    return;
  }
  const percent = (share: number | null): string => (share === null ? "-" : `${(100 * share).toFixed(1)} %`);
  const rows = [
    ["epochs", "validation", "test", "test loss", "time"],
    [
      String(result.epochs),
      percent(result.validationAccuracy),
      percent(result.testAccuracy),
      result.testLoss === null ? "-" : result.testLoss.toPrecision(4),
      duration(result.wallSeconds),
    ],
  ];
  for (const line of table(rows, [0, 1, 2, 3, 4])) terminal.result(line);
  terminal.result(folder);
}

/** What of the result is not about the files of the run folder. */
function summary(result: RunResult): RunResult {
  const {
    files: _files,
    metrics: _metrics,
    ...rest
  } = result as RunResult & { files?: unknown; metrics?: unknown };
  return rest;
}
