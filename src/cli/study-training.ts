/** What studies that train have in common on the command line: the experiment, and a folder for its runs. */

import { availableParallelism } from "node:os";
import type { LoadedExperiment } from "../experiment/load.ts";
import type { Figure } from "../figures/figure.ts";
import type { StudyContext } from "../study/on-chip.ts";
import { loadOptions } from "./overrides.ts";
import { createProgress } from "./progress.ts";
import type { StudyCall } from "./study-form.ts";

/** More participants than blocks of a batch would only wait. */
const MAX_WORKERS = 8;

/** Test accuracies under one condition, one for each chip, 0 … 1. */
export interface AccuracyGroup {
  readonly label: string;
  readonly values: readonly number[];
}

/** Accuracies as dots, one for each chip. */
export async function accuracyFigure(name: string, groups: readonly AccuracyGroup[]): Promise<Figure> {
  const { settingsFigure } = await import("../figures/sweep.ts");
  const { summaryOf } = await import("../statistics/spread.ts");
  const shown = groups.map(({ label, values }, setting) => {
    const percent = values.map((value) => 100 * value);
    const summary = summaryOf(percent);
    return { label, setting, values: percent, mean: summary?.mean ?? null, sd: summary?.sd ?? null };
  });
  return settingsFigure(`Study: ${name}`, "one dot per chip", "test accuracy (%)", shown, "chips");
}

/** The result stands already: a picture that fails is a warning. */
async function drawFigure(
  name: string,
  folder: string,
  draw: () => Promise<Figure>,
  terminal: StudyCall["terminal"],
): Promise<void> {
  const { join } = await import("node:path");
  const { createFolder, writeAtomic } = await import("../core/durable-files.ts");
  const { figureToSvg } = await import("../figures/figure.ts");
  const { RUN_FILES } = await import("../engine/run-folder.ts");
  try {
    const svg = await figureToSvg(await draw());
    createFolder(join(folder, RUN_FILES.figures));
    writeAtomic(join(folder, RUN_FILES.figures, `${name}.svg`), svg);
  } catch (error) {
    terminal.warn(`the figure is not drawn: ${(error as Error).message}`);
  }
}

/**
 * Loads the experiment, creates the folder, runs `study` with both, and leaves its result there as result.json and as
 * figures/<name>.svg.
 * @param study what is done; its result goes into JSON
 * @param figure what is drawn of the result
 */
export async function runTrainingStudy<Result extends object>(
  name: string,
  { file, options, terminal }: StudyCall,
  study: (loaded: LoadedExperiment, context: StudyContext) => Promise<Result>,
  show: (result: Result) => readonly string[],
  figure: (result: Result) => Promise<Figure>,
): Promise<number> {
  const { join } = await import("node:path");
  const { loadExperiment } = await import("../experiment/load.ts");
  const { experimentYaml } = await import("../experiment/print.ts");
  const { simulatedChip } = await import("../study/on-chip.ts");
  const { createRunFolder, RUN_FILES } = await import("../engine/run-folder.ts");
  const { writeAtomic } = await import("../core/durable-files.ts");
  const { writeSealed } = await import("../core/sealed-json.ts");
  const loaded = loadExperiment(file, loadOptions(options));
  for (const { message, where, hint } of loaded.warnings) terminal.warn(message, where, hint);
  const { experiment } = loaded;
  simulatedChip(experiment);
  const folder = createRunFolder({
    experiment: `study-${name}-${experiment.name}`,
    now: new Date(),
    ...(options.out === undefined ? {} : { out: options.out }),
  });
  writeAtomic(join(folder, RUN_FILES.config), experimentYaml(loaded));
  const progress = createProgress(terminal);
  try {
    const workers = experiment.training.workers ?? Math.min(availableParallelism(), MAX_WORKERS);
    const result = await study(loaded, { folder, workers, report: progress.report });
    progress.clear();
    writeSealed(join(folder, RUN_FILES.result), { ...(result as Readonly<Record<string, unknown>>) });
    await drawFigure(name, folder, () => figure(result), terminal);
    if (options.json === true) terminal.result(JSON.stringify({ folder, result }, null, 2));
    else for (const line of [...show(result), folder]) terminal.result(line);
    return 0;
  } finally {
    progress.clear();
  }
}
