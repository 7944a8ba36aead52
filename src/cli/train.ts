/** `eventprop train`: an experiment from its file to its run folder. */

import { availableParallelism } from "node:os";
import { join } from "node:path";
import type { Command } from "commander";
import { UserError } from "../core/errors.ts";
import type { CommandCall } from "./command.ts";
import { loadOptions, type OverrideOptions, overrideFlags } from "./overrides.ts";
import { createProgress, duration } from "./progress.ts";
import { table } from "./terminal.ts";

interface TrainOptions extends OverrideOptions {
  readonly out?: string;
  readonly resume?: string;
  readonly json?: boolean;
}

/** Exit codes: Ctrl-C, and signals by which a cluster ends a job, which can be queued again with --resume. */
const STOPS = { SIGINT: 130, SIGTERM: 75, SIGUSR2: 75 } as const;
/** More participants than blocks of a batch would only wait. */
const MAX_WORKERS = 8;

export function configure(command: Command): void {
  command.argument("[experiment.yaml]", "experiment file");
  overrideFlags(command)
    .option("-o, --out <dir>", "run folder; must not hold anything yet")
    .option("--resume <dir>", "go on with an interrupted run, in its folder, to the same result")
    .option("--json", "the result as one JSON document on stdout")
    .addHelpText(
      "after",
      "\nCtrl-C ends the run after the batch, with a checkpoint (exit code 130); twice ends it at once." +
        "\nSo do TERM and USR2, with exit code 75.\n" +
        "\nExamples:\n  $ eventprop train experiments/smoke.yaml" +
        "\n  $ eventprop train experiments/yin-yang.yaml --set chip.seed=2 --seed 7 --out runs/chip-2" +
        "\n  $ eventprop train --resume runs/chip-2",
    );
}

export async function run({ operands, options, terminal }: CommandCall<TrainOptions>): Promise<number> {
  const started = new Date();
  const [file] = operands as [string | undefined];
  const { loadExperiment } = await import("../experiment/load.ts");
  const { runTraining } = await import("../engine/training-run.ts");
  const resume = options.resume === undefined ? undefined : await openResume(options.resume, file, options);
  if (resume === undefined && file === undefined)
    throw new UserError("usage", "no experiment file", {
      hint: "e.g. eventprop train experiments/smoke.yaml",
    });
  const loaded = resume?.loaded ?? loadExperiment(file as string, loadOptions(options));
  for (const { message, where, hint } of loaded.warnings) terminal.warn(message, where, hint);

  const progress = createProgress(terminal);
  let stop: keyof typeof STOPS | undefined;
  const interrupt = (signal: NodeJS.Signals): void => {
    if (stop !== undefined) process.exit(STOPS[stop]);
    stop = signal as keyof typeof STOPS;
    progress.clear();
    terminal.say("stopping after this batch; Ctrl-C again to stop at once");
  };
  const signals = Object.keys(STOPS) as NodeJS.Signals[];
  try {
    const { folder, result } = await runTraining({
      loaded,
      workers: loaded.experiment.training.workers ?? Math.min(availableParallelism(), MAX_WORKERS),
      command: process.argv.slice(2),
      started,
      report: progress.report,
      // Before that nothing is written: whatever ends the program may end it at once.
      begins: () => {
        for (const signal of signals) process.on(signal, interrupt);
      },
      stopRequested: () => stop !== undefined,
      ...(options.out === undefined ? {} : { out: options.out }),
      ...(resume === undefined ? {} : { resume }),
    });
    progress.clear();
    if (result.outcome === "interrupted") {
      terminal.say(`interrupted after ${result.epochs} epochs; go on with:`);
      terminal.result(`eventprop train --resume ${folder}`);
      return STOPS[stop ?? "SIGINT"];
    }
    if (options.json === true) terminal.result(JSON.stringify({ folder, ...result }, null, 2));
    else {
      const percent = (share: number | null): string =>
        share === null ? "-" : `${(100 * share).toFixed(1)} %`;
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
    return 0;
  } finally {
    progress.clear();
    for (const signal of signals) process.off(signal, interrupt);
  }
}

/** The experiment and checkpoint of an interrupted run. */
async function openResume(folder: string, file: string | undefined, options: TrainOptions) {
  if (file !== undefined || options.out !== undefined || options.seed !== undefined)
    throw new UserError("usage", "--resume goes on with a run as it is: no file, --out or --seed");
  const { readCheckpoint } = await import("../engine/checkpoint.ts");
  const { truncateMetrics } = await import("../engine/metrics.ts");
  const { experimentDigest } = await import("../engine/progress-file.ts");
  const { RUN_FILES } = await import("../engine/run-folder.ts");
  const { loadExperiment } = await import("../experiment/load.ts");
  const checkpoint = readCheckpoint(join(folder, RUN_FILES.checkpoint));
  const config = join(folder, RUN_FILES.config);
  const loaded = loadExperiment(config, loadOptions(options));
  if (checkpoint.experiment !== experimentDigest(loaded.experiment)) {
    if (options.set.length > 0)
      throw new UserError("usage", "--resume goes on with a run as it is: --set changes its outcome", {
        hint: "only training.workers may be set",
      });
    throw new UserError("file", `${config} is not what the checkpoint was made with`, {
      hint: "the file was edited; start a new run with it",
    });
  }
  truncateMetrics(join(folder, RUN_FILES.metrics), checkpoint.epoch);
  return { folder, checkpoint, loaded };
}
