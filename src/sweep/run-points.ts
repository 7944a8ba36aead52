/**
 * Runs points as child processes, a few at a time: each is `eventprop train` on the setting's experiment, as it could
 * be typed by hand. What became of a point is read from its folder, not from the child's exit code.
 */

import { type ChildProcess, spawn } from "node:child_process";
import { join } from "node:path";
import { UserError } from "../core/errors.ts";
import { packagePath } from "../core/package-folder.ts";
import { pluginFlags } from "../core/plugin-permission.ts";
import { type RunState, runRecord, setAside } from "./run-state.ts";
import { hasReached, searchProgress } from "./search/progress.ts";
import { type PlannedPoint, SWEEP_FILES, type SweepPlan } from "./sweep-folder.ts";

const PROGRAM = packagePath("bin/eventprop.js");

/** What `eventprop train` is called with. */
export interface PointArguments {
  readonly operands: readonly string[];
  readonly set: readonly string[];
  readonly seed?: number;
  readonly out?: string;
  readonly resume?: string;
  /** With `resume`: makes the run so long. */
  readonly epochs?: number;
}

/** A point that has not come to its end, and how far it is to go. */
export interface OpenPoint {
  readonly point: PlannedPoint;
  /** Epochs in all, in a rung of a search; those of the experiment otherwise. */
  readonly epochs?: number;
}

/** What is to be run now: all points that have not ended, of a search those of its present rung. */
export function openPoints(sweepFolder: string, plan: SweepPlan): OpenPoint[] {
  const planned = plan.points.filter((point) => point.planned);
  if (plan.search === null)
    return planned.flatMap((point) => {
      const { state } = runRecord(join(sweepFolder, point.folder));
      return state === "done" || state === "failed" ? [] : [{ point }];
    });
  const { running, epochs } = searchProgress(sweepFolder, plan);
  return planned.flatMap((point) =>
    running.has(point.setting) && !hasReached(join(sweepFolder, point.folder), epochs)
      ? [{ point, epochs }]
      : [],
  );
}

/** The call that begins a point, or goes on with it. */
export function pointArguments(
  sweepFolder: string,
  plan: SweepPlan,
  { point, epochs }: OpenPoint,
  workers?: number,
): PointArguments {
  const folder = join(sweepFolder, point.folder);
  const threads = workers === undefined ? [] : [`training.workers=${workers}`];
  const { state } = runRecord(folder);
  if (state === "interrupted") return { operands: [], set: threads, resume: folder };
  // It ended a rung, and goes on into the next one.
  if (state === "done" && epochs !== undefined) return { operands: [], set: threads, resume: folder, epochs };
  const experiment = join(sweepFolder, plan.settings[point.setting]!.folder, SWEEP_FILES.experiment);
  const chip = point.chip === null ? [] : [`chip.seed=${point.chip}`];
  const length = epochs === undefined ? [] : [`training.epochs=${epochs}`];
  return { operands: [experiment], set: [...chip, ...length, ...threads], seed: point.seed, out: folder };
}

function commandLine({ operands, set, seed, out, resume, epochs }: PointArguments): string[] {
  return [
    "train",
    ...pluginFlags(),
    ...operands,
    ...set.flatMap((value) => ["--set", value]),
    ...(seed === undefined ? [] : ["--seed", String(seed)]),
    ...(out === undefined ? [] : ["--out", out]),
    ...(resume === undefined ? [] : ["--resume", resume]),
    ...(epochs === undefined ? [] : ["--epochs", String(epochs)]),
  ];
}

/** Makes the folder of a point ready for its call: a run without a checkpoint is moved aside. */
export function prepare(folder: string): void {
  if (runRecord(folder).state === "lost") setAside(folder);
}

export interface PointEnd {
  readonly point: PlannedPoint;
  readonly state: RunState;
  /** What the child said last on stderr, when it did not finish. */
  readonly lastWords: string;
}

export interface Pool {
  /** All children have ended. */
  readonly ended: Promise<void>;
  /** Starts no further point, and sends a signal to those that run: they write a checkpoint and end. */
  stop(signal: NodeJS.Signals): void;
}

export interface PoolRequest {
  readonly sweepFolder: string;
  readonly plan: SweepPlan;
  readonly points: readonly OpenPoint[];
  /** Children at a time, and threads of each. */
  readonly jobs: number;
  readonly workers: number;
  readonly onEnd: (end: PointEnd) => void;
}

export function runPoints({ sweepFolder, plan, points, jobs, workers, onEnd }: PoolRequest): Pool {
  const waiting = [...points];
  const running = new Set<ChildProcess>();
  let stopped = false;

  const runOne = (open: OpenPoint): Promise<void> =>
    new Promise((resolve, reject) => {
      const { point } = open;
      const folder = join(sweepFolder, point.folder);
      try {
        prepare(folder);
      } catch (error) {
        if (!(error instanceof UserError)) throw error;
        onEnd({ point, state: runRecord(folder).state, lastWords: error.message });
        resolve();
        return;
      }
      const child = spawn(
        process.execPath,
        [PROGRAM, "--quiet", "--no-color", ...commandLine(pointArguments(sweepFolder, plan, open, workers))],
        // A process group of its own: Ctrl-C on the terminal reaches the sweep alone, which passes it on once.
        { stdio: ["ignore", "ignore", "pipe"], detached: true },
      );
      running.add(child);
      let said = "";
      child.stderr.setEncoding("utf8").on("data", (text: string) => {
        said = (said + text).slice(-KEPT_WORDS);
      });
      child.on("error", reject);
      child.on("close", () => {
        running.delete(child);
        onEnd({ point, state: runRecord(folder).state, lastWords: said.trim() });
        resolve();
      });
    });

  const lane = async (): Promise<void> => {
    for (;;) {
      const next = stopped ? undefined : waiting.shift();
      if (next === undefined) return;
      await runOne(next);
    }
  };
  return {
    ended: Promise.all(Array.from({ length: jobs }, lane)).then(() => undefined),
    stop(signal) {
      stopped = true;
      for (const child of running) child.kill(signal);
    },
  };
}

/** Characters of a child's stderr that are kept. */
const KEPT_WORDS = 2000;
