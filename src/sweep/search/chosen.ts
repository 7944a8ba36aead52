/**
 * The end of a search: the test samples are read once, for the runs of the chosen settings, on the chip that each was
 * trained on. What they answer stands in `evaluations/` of the run folder, as after `eventprop evaluate`.
 */

import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Report } from "../../core/progress.ts";
import { sha256 } from "../../core/sealed-json.ts";
import { evaluateRun } from "../../engine/evaluate-run.ts";
import { EVALUATION_FILES, EVALUATIONS, type EvaluationResult } from "../../engine/evaluation-folder.ts";
import { RUN_FILES } from "../../engine/run-folder.ts";
import { runRecord } from "../run-state.ts";
import type { PlannedPoint, SweepPlan } from "../sweep-folder.ts";
import type { SearchProgress } from "./progress.ts";

/** The points of the best settings of a complete search. */
export function chosenPoints({ points, search }: SweepPlan, { ranking }: SearchProgress): PlannedPoint[] {
  const chosen = ranking.filter(({ score }) => score !== null).slice(0, search?.chosen ?? 0);
  return chosen.flatMap(({ setting }) =>
    points.filter((point) => point.planned && point.setting === setting),
  );
}

/** Evaluates the test samples for the chosen points that have none yet. */
export async function testChosen(
  sweepFolder: string,
  plan: SweepPlan,
  progress: SearchProgress,
  report: Report,
): Promise<void> {
  for (const { folder } of chosenPoints(plan, progress)) {
    const run = join(sweepFolder, folder);
    if (runRecord(run).state !== "done" || testOf(run) !== undefined) continue;
    await evaluateRun({
      folder: run,
      overrides: [],
      split: "test",
      repeats: 1,
      command: ["evaluate", run],
      report: (event) => {
        if (event.kind === "warning") report(event);
      },
    });
  }
}

/** The first evaluation of the test samples on a run's own chip, with the weights that it has now. */
export function testOf(run: string): EvaluationResult | undefined {
  const parent = join(run, EVALUATIONS);
  const weights = join(run, RUN_FILES.weights);
  if (!existsSync(parent) || !existsSync(weights)) return undefined;
  const digest = sha256(readFileSync(weights));
  for (const name of readdirSync(parent).sort()) {
    const path = join(parent, name, EVALUATION_FILES.result);
    if (!name.startsWith("test-") || !existsSync(path)) continue;
    const result = JSON.parse(readFileSync(path, "utf8")) as EvaluationResult;
    const asTrained = result.overrides?.length === 0 && result.repeats === 1 && result.dataFile === null;
    if (asTrained && result.weights === digest) return result;
  }
  return undefined;
}
