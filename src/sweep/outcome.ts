/** What a sweep or a list of runs has shown so far, and its tables on disk. */

import { join } from "node:path";
import { writeAtomic } from "../core/durable-files.ts";
import { type Comparison, compareRuns } from "./compare.ts";
import { concerns, type RunTable, sweepTable } from "./results.ts";
import type { Metric } from "./schema.ts";
import { type SearchProgress, searchProgress } from "./search/progress.ts";
import { type RankingLine, rankingOf } from "./search/ranking.ts";
import { SWEEP_FILES, type SweepPlan } from "./sweep-folder.ts";
import { rankingCsv, writeTables } from "./tables.ts";

export interface SweepOutcome {
  readonly table: RunTable;
  readonly comparison: Comparison;
  /** Of a search. */
  readonly search?: { readonly progress: SearchProgress; readonly ranking: readonly RankingLine[] };
  /** What a user should know before reading the numbers. */
  readonly concerns: readonly string[];
}

export function sweepOutcome(folder: string, plan: SweepPlan, metric: Metric = plan.metric): SweepOutcome {
  const table = sweepTable(folder, plan);
  if (plan.search === null) return outcomeOf(table, metric);
  const progress = searchProgress(folder, plan);
  const ranking = rankingOf(plan, progress, table);
  const outcome = outcomeOf(table, metric);
  // Points of a search are drawn, and dropped at different epochs: differences between pairs of them answer nothing.
  return {
    ...outcome,
    comparison: { ...outcome.comparison, comparisons: [] },
    search: { progress, ranking },
  };
}

export function outcomeOf(table: RunTable, metric: Metric): SweepOutcome {
  return { table, comparison: compareRuns(table, metric), concerns: concerns(table, metric) };
}

/** Writes the tables into a folder that exists. @throws UserError("file") */
export function writeOutcome(folder: string, { table, comparison, search }: SweepOutcome): void {
  writeTables(folder, table, comparison);
  if (search !== undefined)
    writeAtomic(join(folder, SWEEP_FILES.ranking), rankingCsv(search.ranking, comparison.metric));
}
