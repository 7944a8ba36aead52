/** What studies that train have in common on the command line: the experiment, and a folder for its runs. */

import { availableParallelism } from "node:os";
import type { LoadedExperiment } from "../experiment/load.ts";
import type { StudyContext } from "../study/context.ts";
import { loadOptions } from "./overrides.ts";
import { createProgress } from "./progress.ts";
import type { StudyCall } from "./study-form.ts";

/** More participants than blocks of a batch would only wait. */
const MAX_WORKERS = 8;

/**
 * Loads the experiment, creates the folder, runs `study` with both, and leaves its result there as result.json.
 * @param study what is done; its result goes into JSON
 */
export async function runTrainingStudy<Result extends object>(
  name: string,
  { file, options, terminal }: StudyCall,
  study: (loaded: LoadedExperiment, context: StudyContext) => Promise<Result>,
  show: (result: Result) => readonly string[],
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
    if (options.json === true) terminal.result(JSON.stringify({ folder, result }, null, 2));
    else for (const line of [...show(result), folder]) terminal.result(line);
    return 0;
  } finally {
    progress.clear();
  }
}
