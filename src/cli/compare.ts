/** `eventprop compare`: the runs of a sweep, or any runs, side by side: spreads, and paired differences. */

import { type Command, Option } from "commander";
import { commandLine } from "../core/command-line.ts";
import { UserError } from "../core/errors.ts";
import {
  type Comparison,
  differenceName,
  type SettingComparison,
  type SettingSummary,
} from "../sweep/compare.ts";
import type { SweepOutcome } from "../sweep/outcome.ts";
import { isAccuracy, METRICS, type Metric } from "../sweep/schema.ts";
import type { RankingLine } from "../sweep/search/ranking.ts";
import { numberText, overText } from "../sweep/tables.ts";
import type { CommandCall } from "./command.ts";
import { table } from "./terminal.ts";

interface CompareOptions {
  readonly metric?: Metric;
  readonly out?: string;
  readonly json?: boolean;
}

export function configure(command: Command): void {
  command
    .argument("<sweep | run...>", "folder of a sweep, or several run folders")
    .addOption(
      new Option("-m, --metric <name>", "what to compare (default: the metric of the sweep)").choices(
        METRICS,
      ),
    )
    .option(
      "-o, --out <dir>",
      "folder for results.csv, summary.csv and comparisons.csv (default: the folder of the sweep)",
    )
    .option("--json", "print the result as one JSON document on stdout")
    .addHelpText(
      "after",
      "\nThe spread is taken over the seeds of one chip, and over the means of several chips. Two settings are compared in pairs" +
        "\nof the same seed and chip: mean difference, 95 % interval (bootstrap), p of the sign-flip test, and p after Holm's" +
        "\ncorrection over all comparisons. Tests need five pairs. docs/sweeps.md explains the numbers." +
        `\n\nExamples:\n  $ ${commandLine("compare", "sweeps/paper-table")}` +
        `\n  $ ${commandLine("compare", "runs/yin-yang/*", "--metric", "testLoss", "--out", "comparison")}`,
    );
}

export async function run({ operands, options, terminal }: CommandCall<CompareOptions>): Promise<number> {
  const [folders] = operands as [readonly string[]];
  const { outcome, folder } = await openOutcome(folders, options);
  const { repeatedConditions } = await import("../sweep/compare.ts");
  const repeated = repeatedConditions(outcome.table);
  if (repeated.length > 0)
    throw new UserError(
      "usage",
      `${repeated[0]} is there more than once; the same run twice would count as two`,
      {
        hint: "name each run once; runs that differ only in their folder are repetitions of the same numbers",
      },
    );
  await showOutcome(outcome, folder, options.json === true, terminal);
  return 0;
}

/**
 * Prints what a sweep or a list of runs has shown, after the concerns about it.
 * @param folder gets the tables; none are written without it
 */
export async function showOutcome(
  outcome: SweepOutcome,
  folder: string | undefined,
  json: boolean,
  terminal: CommandCall<never>["terminal"],
): Promise<void> {
  const { table, comparison, search, concerns } = outcome;
  for (const concern of concerns) terminal.warn(concern);
  if (folder !== undefined) {
    const { createFolder } = await import("../core/durable-files.ts");
    const { writeOutcome } = await import("../sweep/outcome.ts");
    createFolder(folder);
    writeOutcome(folder, outcome);
  }
  if (json) {
    const found = search === undefined ? {} : { ranking: search.ranking };
    terminal.result(JSON.stringify({ ...comparison, ...found, ...table }, null, 2));
  } else {
    const lines =
      search === undefined ? comparisonText(comparison) : rankingText(search.ranking, comparison.metric);
    for (const line of lines) terminal.result(line);
  }
  if (folder !== undefined) terminal.say(`tables in ${folder}`);
}

async function openOutcome(
  folders: readonly string[],
  { metric, out }: CompareOptions,
): Promise<{ outcome: SweepOutcome; folder: string | undefined }> {
  const { readPlan } = await import("../sweep/sweep-folder.ts");
  const { outcomeOf, sweepOutcome } = await import("../sweep/outcome.ts");
  const { runsTable } = await import("../sweep/results.ts");
  const plans = folders.map((folder) => readPlan(folder));
  const [plan] = plans;
  if (plan !== undefined && folders.length === 1) {
    const folder = folders[0] as string;
    return { outcome: sweepOutcome(folder, plan, metric), folder: out ?? folder };
  }
  if (plans.some((each) => each !== undefined))
    throw new UserError("usage", "one sweep at a time, or run folders", {
      hint: "to compare across sweeps, name their run folders: sweeps/*/*/*seed*",
    });
  return { outcome: outcomeOf(runsTable(folders), metric ?? "testAccuracy"), folder: out };
}

// The tables as text ----------------------------------------------------------------------------------------

// A comparison of settings as lines for the terminal.

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
