/** `eventprop report`: a run or a sweep as one HTML page. */

import { existsSync, statSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import type { Command } from "commander";
import { commandLine } from "../core/command-line.ts";
import { UserError } from "../core/errors.ts";
import type { CommandCall } from "./command.ts";

interface ReportOptions {
  readonly out?: string;
  readonly force?: boolean;
}

export function configure(command: Command): void {
  command
    .argument("<run | sweep>", "run folder or sweep folder")
    .option("-o, --out <file>", "HTML file (default: report.html in the folder)")
    .option("--force", "overwrite a file of that name even if it is not a report")
    .addHelpText(
      "after",
      "\nThe page is one file without scripts and loads nothing from the network. It is made from what `train` and" +
        "\n`evaluate` wrote; nothing is run, so the same folder gives the same page." +
        `\n\nExamples:\n  $ ${commandLine("report", "runs/smoke/latest")}` +
        `\n  $ ${commandLine("report", "sweeps/paper-table", "--out", "paper-table.html")}`,
    );
}

export async function run({ operands, options, terminal }: CommandCall<ReportOptions>): Promise<number> {
  const [folder] = operands as [string];
  const { writeAtomic } = await import("../core/durable-files.ts");
  const out = options.out ?? join(folder, "report.html");
  if (options.force !== true) refuseOther(out);
  const { readPlan } = await import("../sweep/sweep-folder.ts");
  const plan = readPlan(folder);
  const { runReport, sweepReport } = await import("../report/report.ts");
  if (plan === undefined) {
    const { readRun } = await import("../report/run-data.ts");
    writeAtomic(out, await runReport(readRun(folder)));
  } else {
    const { sweepOutcome } = await import("../sweep/outcome.ts");
    writeAtomic(out, await sweepReport(basename(resolve(folder)), sweepOutcome(folder, plan)));
  }
  terminal.result(out);
  return 0;
}

/** A report may replace a report; nothing else is written over. */
function refuseOther(path: string): void {
  if (!existsSync(path)) return;
  if (statSync(path).isDirectory())
    throw new UserError("file", `${path} is a folder`, { hint: "name a file" });
  if (!path.endsWith(".html"))
    throw new UserError("file", `${path} exists already`, { hint: "name another file, or add --force" });
}
