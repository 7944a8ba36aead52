/**
 * Scripts that run a sweep on a SLURM cluster: calibrations first, then an array with one task per open point, then the
 * comparison. They are written, never submitted: a user looks at them first.
 *
 * State comes from the run folders, so no database of the cluster is asked. Two minutes before its time limit the script
 * of a task gets USR2 and sends TERM to the program, which writes a checkpoint and ends with 75; the script then puts the
 * task into the queue again, where it goes on. A task that a user cancels gets TERM itself: it writes a checkpoint too,
 * and stays away.
 */

import { join, resolve } from "node:path";
import { shellWord } from "../core/command-line.ts";
import { createFolder, writeAtomic } from "../core/durable-files.ts";
import { packagePath } from "../core/package-folder.ts";
import { pluginFlags } from "../core/plugin-permission.ts";

export interface SlurmRequest {
  /** Sweep file, and folder of the sweep. */
  readonly file: string;
  readonly folder: string;
  readonly name: string;
  /** Indices of the points to run. */
  readonly tasks: readonly number[];
  /** Tasks at a time. */
  readonly atOnce: number;
  /** Time limit of a task, as sbatch takes it. */
  readonly time: string;
  /** Further options of sbatch, e.g. `--partition=long`. */
  readonly options: readonly string[];
}

const PROGRAM = packagePath("bin/eventprop.js");
/** Seconds before the time limit at which a task is told to end. */
const WARNING = 120;
/** A task that was put back so often makes no progress. */
const MOST_RESTARTS = 100;

/** Writes the scripts into the sweep's folder `slurm`; returns the one to call. @throws UserError("file") */
export function writeSlurmScripts(request: SlurmRequest): string {
  const place = join(request.folder, "slurm");
  createFolder(place);
  for (const [name, text] of Object.entries(slurmScripts(request))) writeAtomic(join(place, name), text);
  return join(place, "submit.sh");
}

export function slurmScripts(request: SlurmRequest): Readonly<Record<string, string>> {
  const { file, folder, name, tasks, atOnce, time, options } = request;
  const place = resolve(folder, "slurm");
  const program = [process.execPath, PROGRAM].map(shellWord).join(" ");
  const sweep = `${[program, ...pluginFlags()].join(" ")} --no-progress sweep ${shellWord(resolve(file))} --out ${shellWord(resolve(folder))}`;
  const header = (job: string, log: string, ...more: readonly string[]): string[] => [
    "#!/bin/bash",
    `#SBATCH --job-name=${name}-${job}`,
    `#SBATCH --output="${join(place, log)}"`,
    "#SBATCH --open-mode=append",
    ...[...more, ...options].map((option) => `#SBATCH ${option}`),
    `cd ${shellWord(process.cwd())} || exit 1`,
  ];
  const script = (...lines: readonly string[]): string => `${lines.join("\n")}\n`;
  return {
    "calibrate.sbatch": script(
      ...header("calibrate", "calibrate.log", `--time=${time}`),
      `exec ${sweep} --calibrate`,
    ),
    "points.sbatch": script(
      ...header(
        "points",
        "point-%a.log",
        `--time=${time}`,
        `--array=${ranges(tasks)}%${atOnce}`,
        `--signal=B:USR2@${WARNING}`,
        "--requeue",
      ),
      `${sweep} --task "$SLURM_ARRAY_TASK_ID" &`,
      "child=$!",
      // The shell gets the signal; it returns from `wait` at once, so it has to wait again.
      "again=0",
      "trap 'again=1; kill -TERM \"$child\" 2>/dev/null' USR2",
      "trap 'kill -TERM \"$child\" 2>/dev/null' TERM",
      'wait "$child"; code=$?',
      'while kill -0 "$child" 2>/dev/null; do wait "$child"; code=$?; done',
      `if [ "$code" -eq 75 ] && [ "$again" -eq 1 ] && [ "\${SLURM_RESTART_COUNT:-0}" -lt ${MOST_RESTARTS} ]; then`,
      '  scontrol requeue "$SLURM_ARRAY_JOB_ID"_"$SLURM_ARRAY_TASK_ID"',
      "fi",
      'exit "$code"',
    ),
    "compare.sbatch": script(
      ...header("compare", "compare.log", `--time=${time}`),
      `exec ${program} compare ${shellWord(resolve(folder))}`,
    ),
    "submit.sh": script(
      "#!/bin/bash",
      "# Queues the three jobs; prints the number of the last one, which ends when all is done.",
      "set -eu",
      `cd ${shellWord(place)}`,
      "calibrate=$(sbatch --parsable calibrate.sbatch)",
      'points=$(sbatch --parsable --dependency="afterok:$calibrate" points.sbatch)',
      'sbatch --parsable --dependency="afterany:$points" compare.sbatch',
    ),
  };
}

/** `0-3,7,9-10` */
export function ranges(numbers: readonly number[]): string {
  const parts: string[] = [];
  for (let i = 0; i < numbers.length; ) {
    let end = i;
    while (numbers[end + 1] === numbers[end]! + 1) end++;
    parts.push(end === i ? String(numbers[i]) : `${numbers[i]}-${numbers[end]}`);
    i = end + 1;
  }
  return parts.join(",");
}
