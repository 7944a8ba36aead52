/** `eventprop compare`: the runs of a sweep, or any runs, side by side: spreads, and paired differences. */

import { type Command, Option } from "commander";
import { commandLine } from "../core/command-line.ts";
import { UserError } from "../core/errors.ts";
import type { Comparison } from "../sweep/compare.ts";
import type { RunTable } from "../sweep/results.ts";
import { METRICS, type Metric } from "../sweep/schema.ts";
import type { CommandCall } from "./command.ts";
import { comparisonText } from "./comparison-text.ts";

interface CompareOptions {
  readonly metric?: Metric;
  readonly out?: string;
  readonly json?: boolean;
}

export function configure(command: Command): void {
  command
    .argument("<sweep | run...>", "the folder of a sweep, or run folders")
    .addOption(
      new Option("-m, --metric <name>", "what to compare; the sweep's own when absent").choices(METRICS),
    )
    .option(
      "-o, --out <dir>",
      "folder for results.csv, summary.csv, comparisons.csv; a sweep's own folder when absent",
    )
    .option("--json", "one JSON document on stdout")
    .addHelpText(
      "after",
      "\nSpreads are over the seeds of one chip; over chips, of the chips' means. Two settings are compared pair by pair," +
        "\nwith the same seed and chip: mean difference, 95 % interval (bootstrap), p of the sign-flip test, and p after" +
        "\nHolm's correction over all comparisons; from five pairs on. docs/sweeps.md explains the numbers." +
        `\n\nExamples:\n  $ ${commandLine("compare", "sweeps/paper-table")}` +
        `\n  $ ${commandLine("compare", "runs/yin-yang/*", "--metric", "testLoss", "--out", "comparison")}`,
    );
}

export async function run({ operands, options, terminal }: CommandCall<CompareOptions>): Promise<number> {
  const [folders] = operands as [readonly string[]];
  const { table, metric, folder } = await openTable(folders, options);
  const { compareRuns, repeatedConditions } = await import("../sweep/compare.ts");
  const repeated = repeatedConditions(table);
  if (repeated.length > 0)
    throw new UserError(
      "usage",
      `${repeated[0]} is there more than once; the same run twice would count as two`,
      {
        hint: "name each run once; runs that differ only in their folder are repetitions of the same numbers",
      },
    );
  const comparison = compareRuns(table, metric);
  if (folder !== undefined) {
    const { createFolder } = await import("../core/durable-files.ts");
    const { writeTables } = await import("../sweep/tables.ts");
    createFolder(folder);
    writeTables(folder, table, comparison);
  }
  showComparison(comparison, options.json === true ? table : undefined, terminal);
  if (folder !== undefined) terminal.say(`tables in ${folder}`);
  return 0;
}

/** @param table with it the whole is one JSON document */
export function showComparison(
  comparison: Comparison,
  table: RunTable | undefined,
  terminal: CommandCall<never>["terminal"],
): void {
  if (table === undefined) for (const line of comparisonText(comparison)) terminal.result(line);
  else terminal.result(JSON.stringify({ ...comparison, ...table }, null, 2));
}

async function openTable(
  folders: readonly string[],
  { metric, out }: CompareOptions,
): Promise<{ table: RunTable; metric: Metric; folder: string | undefined }> {
  const { readPlan } = await import("../sweep/sweep-folder.ts");
  const { runsTable, sweepTable } = await import("../sweep/results.ts");
  const plans = folders.map((folder) => readPlan(folder));
  const [plan] = plans;
  if (plan !== undefined && folders.length === 1) {
    const folder = folders[0] as string;
    return { table: sweepTable(folder, plan), metric: metric ?? plan.metric, folder: out ?? folder };
  }
  if (plans.some((each) => each !== undefined))
    throw new UserError("usage", "one sweep at a time, or run folders", {
      hint: "to compare across sweeps, name their run folders: sweeps/*/*/*seed*",
    });
  return { table: runsTable(folders), metric: metric ?? "testAccuracy", folder: out };
}
