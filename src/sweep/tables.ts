/**
 * results.csv, summary.csv and comparisons.csv. Numbers are written so that they read back to the same bits; an empty
 * cell is a number that there is not. Nothing here depends on when or how fast the runs were made.
 */

import { join } from "node:path";
import { stringify } from "csv-stringify/sync";
import { writeAtomic } from "../core/durable-files.ts";
import type { Comparison, SettingSummary } from "./compare.ts";
import type { RunTable } from "./results.ts";
import { isAccuracy, METRICS, type Metric } from "./schema.ts";
import type { RankingLine } from "./search/ranking.ts";
import { SWEEP_FILES } from "./sweep-folder.ts";

type Cell = string | number | null;

export function resultsCsv({ settings, rows }: RunTable): string {
  const paths = [...new Set(settings.flatMap(({ values }) => Object.keys(values)))];
  const header = [
    "setting",
    ...paths,
    "chip",
    "seed",
    "state",
    "outcome",
    ...METRICS,
    "epochs",
    "bestEpoch",
    "spikesPerSample",
    "silentNeurons",
    "collapsed",
    "folder",
  ];
  const lines = rows.map((row): Cell[] => {
    const { label, values } = settings[row.setting]!;
    return [
      label,
      ...paths.map((path) => values[path] ?? null),
      row.chip,
      row.seed,
      row.state,
      row.outcome,
      ...METRICS.map((metric) => row.metrics[metric]),
      row.epochs,
      row.bestEpoch,
      row.spikesPerSample,
      row.silentNeurons,
      String(row.collapsed),
      row.folder,
    ];
  });
  return csv(header, lines);
}

export function summaryCsv({ metric, summaries }: Comparison): string {
  const header = ["setting", "metric", "over", "chip", "n", "mean", "sd", "median", "min", "max"];
  return csv(
    [...header, "failed", "unfinished", "collapsed"],
    summaries.map(({ setting, over, chip, summary, failed, unfinished, collapsed }) => {
      const numbers: Cell[] =
        summary === null
          ? [0, null, null, null, null, null]
          : [summary.n, summary.mean, summary.sd, summary.median, summary.min, summary.max];
      return [setting, metric, over, chip, ...numbers, failed, unfinished, collapsed];
    }),
  );
}

export function comparisonsCsv({ metric, comparisons }: Comparison): string {
  const header = [
    "first",
    "second",
    "metric",
    "pairedBy",
    "pairs",
    "meanDifference",
    "low95",
    "high95",
    "p",
    "holm",
  ];
  return csv(
    header,
    comparisons.map(({ first, second, pairedBy, pairs, mean, interval, p, holm }) => [
      first,
      second,
      metric,
      pairedBy,
      pairs,
      mean,
      interval?.[0] ?? null,
      interval?.[1] ?? null,
      p,
      holm,
    ]),
  );
}

/** The points of a search, the best first; the numbers of the test samples stand in the rows of the chosen ones. */
export function rankingCsv(lines: readonly RankingLine[], metric: Metric): string {
  const header = ["rank", "setting", "epochs", "runs", metric, "testAccuracy", "testLoss"];
  return csv(
    header,
    lines.map(({ label, epochs, runs, score, testAccuracy, testLoss }, i) => [
      i + 1,
      label,
      epochs,
      runs,
      score,
      testAccuracy,
      testLoss,
    ]),
  );
}

function csv(header: readonly string[], rows: readonly (readonly Cell[])[]): string {
  return stringify([
    header,
    ...rows.map((row) => row.map((cell) => (typeof cell === "number" ? String(cell) : cell))),
  ]);
}

/** Writes the three tables into a folder that exists. @throws UserError("file") */
export function writeTables(folder: string, table: RunTable, comparison: Comparison): void {
  writeAtomic(join(folder, SWEEP_FILES.results), resultsCsv(table));
  writeAtomic(join(folder, SWEEP_FILES.summary), summaryCsv(comparison));
  writeAtomic(join(folder, SWEEP_FILES.comparisons), comparisonsCsv(comparison));
}

// Words and numbers -----------------------------------------------------------------------------------------

// Words and numbers of comparisons, the same on the terminal and in reports.

/** Three significant digits; accuracies in percent with two decimals; `-` for a number that there is not. */
export function numberText(value: number | null, metric?: Metric): string {
  if (value === null) return "-";
  if (metric !== undefined && isAccuracy(metric)) return (100 * value).toFixed(2);
  const size = Math.abs(value);
  if (Number.isInteger(value) && size < 1e6) return String(value);
  if (!Number.isFinite(value) || size >= 1e6 || (size > 0 && size < 1e-4)) return value.toExponential(2);
  return value.toFixed(Math.max(0, 2 - Math.floor(Math.log10(size || 1))));
}

/** What the values of a summary are spread over. */
export function overText({ over, chip }: Pick<SettingSummary, "over" | "chip">): string {
  if (over === "chips") return "chips (means)";
  return chip === null ? "seeds" : `seeds, chip ${chip}`;
}

export const COLUMN_HELP = {
  summary:
    "Spreads are over the seeds of one chip; over chips, of the chips' means. Accuracies in percent. Collapsed: finished, but at most two standard errors above the most frequent class.",
  comparison:
    "Second minus first, under the same conditions. Interval: studentized bootstrap. p: two-sided sign-flip test. Holm: corrected for the number of comparisons. Neither below five pairs.",
} as const;
