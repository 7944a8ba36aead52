/**
 * `eventprop sweep`: the runs that a sweep file describes, whatever happened to earlier attempts. Long because one command
 * has several ways to run its points: here, one of them, on SLURM, as a search, or only listed.
 */

import { availableParallelism } from "node:os";
import { join } from "node:path";
import { type Command, InvalidArgumentError, Option } from "commander";
import { commandLine } from "../core/command-line.ts";
import { UserError } from "../core/errors.ts";
import type { Sweep } from "../sweep/read-sweep.ts";
import type { OpenPoint, PointEnd } from "../sweep/run-points.ts";
import type { PlannedPoint, SweepPlan } from "../sweep/sweep-folder.ts";
import type { CommandCall } from "./command.ts";
import { showOutcome } from "./compare.ts";
import { createProgress, duration } from "./progress.ts";
import { listenForStops } from "./stop.ts";
import { table } from "./terminal.ts";

interface SweepOptions {
  readonly out?: string;
  readonly list?: boolean;
  readonly jobs?: number;
  readonly task?: number;
  readonly calibrate?: boolean;
  readonly slurm?: boolean;
  readonly time: string;
  readonly atOnce: number;
  readonly sbatch: readonly string[];
  readonly json?: boolean;
}

type Call = CommandCall<SweepOptions>;

const SOME_FAILED = 5;

export function configure(command: Command): void {
  command
    .argument("<sweep.yaml>", "sweep file")
    .option("-o, --out <dir>", "folder of the sweep (default: sweeps/<name>)")
    .option(
      "-l, --list",
      "check all points, list them with their state, and estimate their time; run nothing",
    )
    .option("-j, --jobs <n>", "number of runs at the same time (default: the number of cores)", count)
    .option("--task <i>", "run only the point with this index in the list, as one task of a job array", index)
    .option("--calibrate", "only measure the calibrations that the points need")
    .option("--slurm", "only write scripts for a SLURM cluster into the sweep's folder")
    .option("--time <limit>", "with --slurm: time limit of a task, as sbatch takes it", "01:00:00")
    .option("--at-once <n>", "with --slurm: number of tasks at the same time", count, 16)
    .addOption(
      new Option(
        "--sbatch <option>",
        "with --slurm: another option for sbatch, e.g. --sbatch=--partition=long; repeatable",
      )
        .argParser((value: string, earlier: string[]) => [...earlier, value])
        .default([], "none"),
    )
    .option("--json", "print the comparison as one JSON document on stdout")
    .addHelpText(
      "after",
      "\nAll points are checked before the first one starts. The same call again continues: finished runs stay, interrupted" +
        "\nruns are resumed, failed runs are kept and counted. At the end the comparison of `compare` is printed." +
        "\nCtrl-C ends the running points with a checkpoint (exit code 130); so does TERM (exit code 75)." +
        `\n\nExamples:\n  $ ${commandLine("sweep", "experiments/paper-table.yaml", "--list")}` +
        `\n  $ ${commandLine("sweep", "experiments/paper-table.yaml", "--jobs", "2")}` +
        `\nthen:\n  $ ${commandLine("compare", "sweeps/paper-table")}`,
    );
}

export async function run(call: Call): Promise<number> {
  const { operands, options, terminal } = call;
  const [file] = operands as [string];
  const { readSweep } = await import("../sweep/read-sweep.ts");
  const { planOf, readPlan, sweepFolder, writePlan } = await import("../sweep/sweep-folder.ts");
  if (options.task !== undefined) return runTask(call, file, options.task);
  const sweep = readSweep(file);
  for (const { message, where, hint } of sweep.warnings) terminal.warn(message, where, hint);
  const folder = options.out ?? sweepFolder(sweep.name);
  const earlier = readPlan(folder);
  const plan = planOf(sweep, earlier);
  const dropped = plan.points.filter(({ planned }) => !planned).length;
  if (dropped > 0)
    terminal.warn(`${dropped} earlier points are no longer in ${file}; their runs are kept, and left out`);
  if (options.list === true) {
    await listPoints(call, folder, plan, sweep);
    return 0;
  }
  writePlan(folder, plan, sweep);
  const { openPoints } = await import("../sweep/run-points.ts");
  const open = openPoints(folder, plan);
  if (options.slurm === true) return writeScripts(call, file, folder, plan, open);
  const progress = createProgress(terminal);
  const { calibrateChips } = await import("../sweep/calibrate-chips.ts");
  const points = open.map(({ point }) => point);
  if (open.length > 0) await calibrateChips(folder, plan, points, progress.report);
  progress.clear();
  if (options.calibrate === true) return 0;
  return runSweep(call, folder, plan, open);
}

async function writeScripts(
  { options, terminal }: Call,
  file: string,
  folder: string,
  plan: SweepPlan,
  open: readonly OpenPoint[],
): Promise<number> {
  const { time, atOnce, sbatch } = options;
  if (!/^[\d:-]+$/.test(time) || sbatch.some((option) => !/^--?[\w-]+(=\S*)?$/.test(option)))
    throw new UserError("usage", "--time and --sbatch take what sbatch takes", {
      hint: "e.g. --time 02:30:00 --sbatch=--partition=long",
    });
  if (open.length === 0) {
    terminal.say("all points have ended; there is nothing to queue");
    return 0;
  }
  const { writeSlurmScripts } = await import("../sweep/slurm.ts");
  const tasks = open.map(({ point }) => plan.points.indexOf(point));
  const script = writeSlurmScripts({ file, folder, name: plan.name, tasks, atOnce, time, options: sbatch });
  if ((plan.search?.rungs.length ?? 1) > 1)
    terminal.say(
      "these are the points of one rung: when they have ended, the same command writes the next ones",
    );
  terminal.say(`scripts for ${open.length} points; look at them, then queue them with:`);
  terminal.result(`bash ${script}`);
  return 0;
}

async function listPoints(
  { options, terminal }: Call,
  folder: string,
  plan: SweepPlan,
  sweep: Sweep,
): Promise<void> {
  const { runRecord } = await import("../sweep/run-state.ts");
  const { estimateSettings, searchSeconds } = await import("../sweep/estimate.ts");
  const progress = createProgress(terminal);
  const estimates = await estimateSettings(sweep.settings, progress.report);
  progress.clear();
  const points = plan.points.flatMap((point, i) => {
    if (!point.planned) return [];
    const { label, folder: setting } = plan.settings[point.setting]!;
    const { state, result } = runRecord(join(folder, point.folder));
    const estimate = estimates.get(setting);
    return [
      {
        index: i,
        setting: label,
        chip: point.chip,
        seed: point.seed,
        state,
        epochs: result?.epochs ?? null,
        seconds: estimate?.seconds ?? null,
        secondsPerEpoch: estimate?.secondsPerEpoch ?? null,
      },
    ];
  });
  if (options.json === true) {
    terminal.result(JSON.stringify(points, null, 2));
    return;
  }
  const time = (seconds: number | null): string => (seconds === null ? "unknown" : duration(seconds));
  const rows = points.map((point) => [
    String(point.index),
    point.setting,
    String(point.chip ?? "-"),
    String(point.seed),
    point.state,
    point.epochs === null ? "-" : String(point.epochs),
    time(point.seconds),
  ]);
  const header = ["index", "setting", "chip", "seed", "state", "epochs", "time on one core"];
  for (const line of table([header, ...rows], [0, 2, 3, 5, 6])) terminal.result(line);
  const open = points.filter(({ state }) => state !== "done" && state !== "failed");
  const known = open.flatMap(({ seconds }) => seconds ?? []);
  let total = known.reduce((a, b) => a + b, 0);
  if (plan.search !== null) {
    const perEpoch = points.flatMap(({ secondsPerEpoch }) => secondsPerEpoch ?? []);
    const mean = perEpoch.reduce((a, b) => a + b, 0) / Math.max(1, perEpoch.length);
    total = searchSeconds(plan.search.rungs, points.length / sweep.settings.length, mean);
  }
  const cores = availableParallelism();
  const missing = open.length - known.length;
  const what = plan.search === null ? `${open.length} open points` : "the whole search";
  terminal.say(
    `${what}: about ${duration(total)} of one core, ${duration(total / cores)} on ${cores}` +
      `${missing === 0 ? "" : `; without ${missing} points whose chip is not calibrated yet`}` +
      "; from a probe of each setting at its first weights, good to a factor of two",
  );
}

async function runSweep(
  call: Call,
  folder: string,
  plan: SweepPlan,
  firstOpen: readonly OpenPoint[],
): Promise<number> {
  const { options, terminal } = call;
  const { openPoints } = await import("../sweep/run-points.ts");
  let open = firstOpen;
  // One round; in a search one for each rung.
  for (;;) {
    const stopped = await runRound(call, folder, plan, open);
    if (stopped !== undefined) return stopped;
    open = plan.search === null ? [] : openPoints(folder, plan);
    if (open.length === 0) break;
  }
  if (plan.search !== null) {
    const { searchProgress } = await import("../sweep/search/progress.ts");
    const { testChosen } = await import("../sweep/search/chosen.ts");
    const progress = createProgress(terminal);
    await testChosen(folder, plan, searchProgress(folder, plan), progress.report);
    progress.clear();
  }
  const { sweepOutcome } = await import("../sweep/outcome.ts");
  const outcome = sweepOutcome(folder, plan);
  await showOutcome(outcome, folder, options.json === true, terminal);
  return outcome.table.rows.every(({ state }) => state === "done") ? 0 : SOME_FAILED;
}

/** Runs open points at the same time; returns the exit code when a signal ended them. */
async function runRound(
  { options, terminal }: Call,
  folder: string,
  plan: SweepPlan,
  open: readonly OpenPoint[],
): Promise<number | undefined> {
  const { runRecord } = await import("../sweep/run-state.ts");
  const { runPoints } = await import("../sweep/run-points.ts");
  const planned = plan.points.filter((point) => point.planned).length;
  const rung = open[0]?.epochs;
  const total = rung === undefined ? planned : open.length;
  const cores = availableParallelism();
  const jobs = Math.max(1, Math.min(options.jobs ?? cores, open.length));
  if (open.length < total) terminal.say(`${total - open.length} of ${total} runs have ended already`);
  if (rung !== undefined) terminal.say(`${open.length} runs to ${rung} epochs`);

  const progress = createProgress(terminal);
  let done = total - open.length;
  const ended = ({ point, state, lastWords }: PointEnd): void => {
    const name = pointName(plan, point);
    if (state !== "done" && !stops.requested()) {
      progress.clear();
      terminal.warn(`${name}: ${state}${lastWords === "" ? "" : `\n${indent(lastWords)}`}`);
    }
    if (state === "done" || state === "failed") done++;
    const { result } = runRecord(join(folder, point.folder));
    const accuracy = result?.testAccuracy ?? result?.validationAccuracy;
    progress.report({
      kind: "step",
      unit: "run",
      done,
      total,
      name,
      ...(accuracy == null ? {} : { figures: { accuracy } }),
    });
  };
  const workers = Math.max(1, Math.floor(cores / jobs));
  const pool = runPoints({ sweepFolder: folder, plan, points: open, jobs, workers, onEnd: ended });
  const stops = listenForStops(
    () => {
      progress.clear();
      terminal.say("stopping: the running points write a checkpoint; again to end them at once");
      pool.stop("SIGTERM");
    },
    () => pool.stop("SIGTERM"),
  );
  try {
    await pool.ended;
  } finally {
    progress.clear();
    stops.ignore();
  }
  if (!stops.requested()) return undefined;
  terminal.say("interrupted; the same command goes on");
  return stops.exitCode();
}

/** One point in this process, so that signals of a scheduler reach it; by the plan that stands in the folder. */
async function runTask(call: Call, file: string, task: number): Promise<number> {
  const { options, terminal } = call;
  const { planOf, readPlan, sweepFolder, writePlan } = await import("../sweep/sweep-folder.ts");
  const { readSweep, sweepName } = await import("../sweep/read-sweep.ts");
  const { openPoints, pointArguments, prepare } = await import("../sweep/run-points.ts");
  const { runRecord } = await import("../sweep/run-state.ts");
  const folder = options.out ?? sweepFolder(sweepName(file));
  let plan = readPlan(folder);
  if (plan === undefined) {
    const sweep = readSweep(file);
    plan = planOf(sweep);
    writePlan(folder, plan, sweep);
  }
  const point = plan.points[task];
  if (point === undefined)
    throw new UserError("usage", `there is no point ${task}; the plan has 0 to ${plan.points.length - 1}`, {
      hint: `${commandLine("sweep", file, "--list")} shows them`,
    });
  const run = join(folder, point.folder);
  const open = openPoints(folder, plan).find((each) => each.point === point);
  if (open === undefined) {
    const { state } = runRecord(run);
    terminal.say(`${pointName(plan, point)}: ${state}, nothing to run now`);
    return state === "failed" ? SOME_FAILED : 0;
  }
  prepare(run);
  const train = await import("./train.ts");
  const { operands, ...trainOptions } = pointArguments(folder, plan, open);
  const { verbose, quiet, progress, color, json } = options;
  const global = { verbose, quiet, progress, color, json };
  return train.run({ operands, options: { ...global, ...trainOptions }, terminal } as never);
}

function pointName({ settings }: SweepPlan, { setting, chip, seed }: PlannedPoint): string {
  return `${settings[setting]!.label}${chip === null ? "" : `, chip ${chip}`}, seed ${seed}`;
}

function indent(text: string): string {
  return text.replaceAll(/^/gm, "    ");
}

function count(text: string): number {
  const value = Number(text);
  if (/^\d+$/.test(text) && value >= 1 && value <= 1024) return value;
  throw new InvalidArgumentError("a whole number from 1 to 1024 is expected.");
}

function index(text: string): number {
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw new InvalidArgumentError("an index from the list is expected: 0, 1, …");
}
