/**
 * Where a search stands, read from its run folders alone: which rung is being run, which points are still in it, and
 * how they rank. The score of a point is its mean over seeds and chips on the validation samples, as it was at the end
 * of the rung: points that went on later are judged by the rows of metrics.csv up to there.
 */

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { sha256 } from "../../core/sealed-json.ts";
import { readMetrics } from "../../engine/metrics.ts";
import { RUN_FILES } from "../../engine/run-folder.ts";
import { createSelection } from "../../engine/selection.ts";
import { readExtended } from "../../experiment/extend.ts";
import type { Experiment } from "../../experiment/schema.ts";
import { plainValue } from "../../experiment/tree.ts";
import { runRecord } from "../run-state.ts";
import { isAccuracy, type Metric } from "../schema.ts";
import type { PlannedPoint, SweepPlan } from "../sweep-folder.ts";

export interface Ranked {
  /** Place in `SweepPlan.settings`. */
  readonly setting: number;
  /** Epochs of the last rung that it ran in. */
  readonly epochs: number;
  /** Mean over its runs; null when one of them failed or has no such number. */
  readonly score: number | null;
  readonly runs: number;
}

export interface SearchProgress {
  /** Settings that are in the present rung, or that were in the last one. */
  readonly running: ReadonlySet<number>;
  /** Rung from 0, and the epochs that its points shall have. */
  readonly rung: number;
  readonly epochs: number;
  /** Whether the last rung is complete. */
  readonly complete: boolean;
  /** All settings that ended a rung, the best first: those of later rungs before those that were dropped earlier. */
  readonly ranking: readonly Ranked[];
}

/** @throws UserError("file") when a result was changed */
export function searchProgress(folder: string, plan: SweepPlan): SearchProgress {
  const search = plan.search as NonNullable<SweepPlan["search"]>;
  const points = plan.points.filter(({ planned }) => planned);
  let candidates = [...new Set(points.map(({ setting }) => setting))];
  let ranking: Ranked[] = [];
  for (const [rung, { points: kept, epochs }] of search.rungs.entries()) {
    candidates = candidates.slice(0, kept);
    const running = new Set(candidates);
    const own = points.filter(({ setting }) => running.has(setting));
    const complete = own.every((point) => hasReached(join(folder, point.folder), epochs));
    const state = { running, rung, epochs, ranking };
    if (!complete) return { ...state, complete };
    const ranked = rankedAt(folder, plan.metric, own, epochs);
    candidates = ranked.map(({ setting }) => setting);
    ranking = [...ranked, ...ranking.filter(({ setting }) => !running.has(setting))];
    if (rung === search.rungs.length - 1) return { ...state, ranking, complete };
  }
  throw new Error("a search without rungs");
}

/** Whether a run needs no more epochs in a rung: it has them, it stopped early by itself, or it failed. */
export function hasReached(folder: string, epochs: number): boolean {
  const { state, result } = runRecord(folder);
  if (state === "failed") return true;
  if (state !== "done" || result === null) return false;
  if (result.epochs >= epochs) return true;
  // A call that was killed when it had begun to make the run longer leaves the result of the shorter one.
  const isOfItsConfig =
    result.files[RUN_FILES.config] === sha256(readFileSync(join(folder, RUN_FILES.config)));
  return isOfItsConfig && result.epochs < trainingOf(folder).epochs;
}

function rankedAt(folder: string, metric: Metric, points: readonly PlannedPoint[], epochs: number): Ranked[] {
  const settings = [...new Set(points.map(({ setting }) => setting))];
  const ranked = settings.map((setting): Ranked => {
    const own = points.filter((point) => point.setting === setting);
    const scores = own.map((point) => scoreAt(join(folder, point.folder), metric, epochs));
    const complete = scores.every((score): score is number => score !== null);
    return {
      setting,
      epochs,
      score: complete ? scores.reduce((a, b) => a + b, 0) / scores.length : null,
      runs: own.length,
    };
  });
  const sign = isAccuracy(metric) ? -1 : 1;
  // Equal scores: the one that was drawn first.
  return ranked.sort((a, b) => {
    if (a.score === null || b.score === null) return Number(a.score === null) - Number(b.score === null);
    return sign * (a.score - b.score) || a.setting - b.setting;
  });
}

/** On the validation samples after at most so many epochs: of the last row, or of the best where the run keeps that. */
function scoreAt(folder: string, metric: Metric, epochs: number): number | null {
  if (runRecord(folder).state !== "done") return null;
  const rows = readMetrics(join(folder, RUN_FILES.metrics)).filter(
    ({ split, epoch }) => split === "validation" && epoch <= epochs,
  );
  const { best } = trainingOf(folder);
  const selection = createSelection({ best });
  for (const row of rows) selection.observe(row);
  const row = selection.best ?? rows.at(-1);
  return (isAccuracy(metric) ? row?.accuracy : row?.loss) ?? null;
}

/** Of the resolved experiment of a run; without loading its data. */
function trainingOf(folder: string): Pick<Experiment["training"], "epochs" | "best"> {
  const path = join(folder, RUN_FILES.config);
  return (plainValue(readExtended(path, path).root) as Pick<Experiment, "training">).training;
}
