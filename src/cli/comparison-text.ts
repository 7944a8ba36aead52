/** A comparison of settings as lines for the terminal. */

import type { Comparison, SettingComparison, SettingSummary } from "../sweep/compare.ts";
import { isAccuracy, type Metric } from "../sweep/schema.ts";
import { shortNumber } from "./progress.ts";
import { table } from "./terminal.ts";

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

function differenceName({ axis, first, second }: SettingComparison): string {
  if (axis === null) return `${second} − ${first}`;
  return `${axis.name}: ${axis.second} − ${axis.first}${axis.at === "" ? "" : `, ${axis.at}`}`;
}

function overText({ over, chip }: SettingSummary): string {
  if (over === "chips") return "chips (means)";
  return chip === null ? "seeds" : `seeds, chip ${chip}`;
}

function summaryCells({ summary }: SettingSummary, metric: Metric): string[] {
  if (summary === null) return ["0", "-", "-", "-", "-", "-"];
  const { n, mean, sd, median, min, max } = summary;
  return [
    String(n),
    ...[mean, sd, median, min, max].map((value) => (value === null ? "-" : shown(value, metric))),
  ];
}

function chanceCells({ interval, p, holm }: SettingComparison, metric: Metric): string[] {
  if (p === null || holm === null) return ["too few", "-", "-"];
  const range = interval === null ? "-" : `${signed(interval[0], metric)} to ${signed(interval[1], metric)}`;
  return [range, shortNumber(p), shortNumber(holm)];
}

/** Accuracies in percent. */
function shown(value: number, metric: Metric): string {
  return isAccuracy(metric) ? (100 * value).toFixed(2) : shortNumber(value);
}

function signed(value: number, metric: Metric): string {
  return `${value < 0 ? "−" : "+"}${shown(Math.abs(value), metric)}`;
}
