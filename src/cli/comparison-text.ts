/** A comparison of settings as lines for the terminal. */

import {
  type Comparison,
  differenceName,
  type SettingComparison,
  type SettingSummary,
} from "../sweep/compare.ts";
import { isAccuracy, type Metric } from "../sweep/schema.ts";
import type { RankingLine } from "../sweep/search/ranking.ts";
import { numberText, overText } from "../sweep/text.ts";
import { table } from "./terminal.ts";

/** The points of a search, the best first. */
export function rankingText(ranking: readonly RankingLine[], metric: Metric): string[] {
  const number = (value: number | null, of: Metric): string => (value === null ? "-" : numberText(value, of));
  const rows = ranking.map((one, i) => [
    String(i + 1),
    one.label,
    String(one.epochs),
    String(one.runs),
    number(one.score, metric),
    one.chosen ? number(one.testAccuracy, "testAccuracy") : "",
  ]);
  const unit = isAccuracy(metric) ? ", %" : "";
  const header = ["rank", "point", "epochs", "runs", `${metric}${unit}`, "testAccuracy, %"];
  return table([header, ...rows], [0, 2, 3, 4, 5]);
}

export function comparisonText({ metric, summaries, comparisons }: Comparison): string[] {
  const counts = (["failed", "unfinished", "collapsed"] as const).filter((key) =>
    summaries.some((summary) => summary[key] > 0),
  );
  const header = ["setting", "spread over", "n", "mean", "sd", "median", "min", "max", ...counts];
  const rows = summaries.map((one) => [
    one.setting,
    overText(one),
    ...summaryCells(one, metric),
    ...counts.map((key) => String(one[key])),
  ]);
  const right = header.map((_, i) => i).slice(2);
  const lines = [`${metric}${isAccuracy(metric) ? ", %" : ""}`, ...table([header, ...rows], right)];
  if (comparisons.length === 0) return lines;
  const pairs = comparisons.map((one) => [
    differenceName(one),
    one.pairedBy,
    String(one.pairs),
    signed(one.mean, metric),
    ...chanceCells(one, metric),
  ]);
  const pairHeader = ["difference", "paired by", "pairs", "mean", "95 % interval", "p", "Holm"];
  return [...lines, "", ...table([pairHeader, ...pairs], [2, 3, 4, 5, 6])];
}

function summaryCells({ summary }: SettingSummary, metric: Metric): string[] {
  if (summary === null) return ["0", "-", "-", "-", "-", "-"];
  const { n, mean, sd, median, min, max } = summary;
  return [String(n), ...[mean, sd, median, min, max].map((value) => numberText(value, metric))];
}

function chanceCells({ interval, p, holm }: SettingComparison, metric: Metric): string[] {
  if (p === null || holm === null) return ["too few", "-", "-"];
  const range = interval === null ? "-" : `${signed(interval[0], metric)} to ${signed(interval[1], metric)}`;
  return [range, numberText(p), numberText(holm)];
}

function signed(value: number, metric: Metric): string {
  return `${value < 0 ? "−" : "+"}${numberText(Math.abs(value), metric)}`;
}
