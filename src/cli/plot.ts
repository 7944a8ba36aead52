/** `eventprop plot`: one figure of a run, a sweep or an emulation as SVG. */

import { existsSync } from "node:fs";
import { join } from "node:path";
import { Argument, type Command } from "commander";
import { commandLine } from "../core/command-line.ts";
import { UserError } from "../core/errors.ts";
import { suggest } from "../core/suggest.ts";
import type { NamedFigure } from "../report/figures.ts";
import type { CommandCall } from "./command.ts";

interface PlotOptions {
  readonly out?: string;
  readonly sample: number;
}

/** Figures by name; `eventprop plot list` says what each one shows. */
export function configure(command: Command): void {
  command
    .addArgument(new Argument("<what>", "name of a figure; `list` prints all names"))
    .argument("[run | sweep | recording]", "run folder, sweep folder, or folder of `emulate`")
    .option("-o, --out <dir>", "folder for the SVG files (default: stdout, if there is one figure)")
    .option("--sample <n>", "which sample of a recording to draw", Number, 0)
    .addHelpText(
      "after",
      `\nExamples:\n  $ ${commandLine("plot", "list")}` +
        `\n  $ ${commandLine("plot", "weights", "runs/smoke/latest", "--out", "figures")}`,
    );
}

export async function run({ operands, options, terminal }: CommandCall<PlotOptions>): Promise<number> {
  const [what, folder] = operands as [string, string | undefined];
  const { RUN_FIGURES, SWEEP_FIGURES } = await import("../report/figures.ts");
  const { RECORDING_FIGURES } = await import("../report/run-data.ts");
  const all = [...RUN_FIGURES, ...SWEEP_FIGURES, ...RECORDING_FIGURES];
  if (what === "list") {
    const { table } = await import("./terminal.ts");
    const rows = (of: string, figures: readonly { name: string; summary: string }[]): string[][] =>
      figures.map(({ name, summary }) => [name, of, summary]);
    const lines = [
      ...rows("run", RUN_FIGURES),
      ...rows("sweep", SWEEP_FIGURES),
      ...rows("recording", RECORDING_FIGURES),
    ];
    for (const line of table(lines)) terminal.result(line);
    return 0;
  }
  if (!all.some(({ name }) => name === what)) {
    const names = all.map(({ name }) => name);
    const meant = suggest(what, names);
    throw new UserError("usage", `there is no figure \`${what}\``, {
      hint: meant === undefined ? `there are: ${names.join(", ")}` : `did you mean \`${meant}\`?`,
    });
  }
  if (folder === undefined)
    throw new UserError("usage", `\`plot ${what}\` needs a folder`, { hint: "a run, sweep or recording" });
  const figures = await figuresOf(what, folder, options);
  if (figures.length === 0)
    throw new UserError("file", `${folder} has nothing to show as \`${what}\``, {
      hint: "most figures need a run that has finished, calibration and ideal a chip, maps two-dimensional data",
    });
  if (options.out === undefined && figures.length > 1)
    throw new UserError("usage", `there are ${figures.length} figures \`${what}\``, {
      hint: "name a folder with --out",
    });
  const { figureToSvg } = await import("../figures/figure.ts");
  const { createFolder, writeAtomic } = await import("../core/durable-files.ts");
  for (const { name, figure } of figures) {
    const svg = await figureToSvg(figure);
    if (options.out === undefined) terminal.result(svg.trimEnd());
    else {
      createFolder(options.out);
      const path = join(options.out, `${name}.svg`);
      if (existsSync(path))
        throw new UserError("file", `${path} exists already`, { hint: "name another folder" });
      writeAtomic(path, svg);
      terminal.result(path);
    }
  }
  return 0;
}

async function figuresOf(
  what: string,
  folder: string,
  { sample }: PlotOptions,
): Promise<readonly NamedFigure[]> {
  const { RUN_FIGURES, sweepFigures } = await import("../report/figures.ts");
  const { isRecording, RECORDING_FIGURES, readRecording } = await import("../report/run-data.ts");
  const ofRun = RUN_FIGURES.find(({ name }) => name === what);
  const ofRecording = RECORDING_FIGURES.find(({ name }) => name === what);
  if (ofRecording !== undefined && (ofRun === undefined || isRecording(folder)))
    return [{ name: what, figure: ofRecording.draw(readRecording(folder, sample)) }];
  if (ofRun !== undefined) {
    const { readRun } = await import("../report/run-data.ts");
    return ofRun.draw(readRun(folder));
  }
  const { readPlan } = await import("../sweep/sweep-folder.ts");
  const plan = readPlan(folder);
  if (plan === undefined)
    throw new UserError("file", `${folder} is not the folder of a sweep`, {
      hint: `\`${what}\` shows a sweep`,
    });
  const { sweepOutcome } = await import("../sweep/outcome.ts");
  const { table, comparison } = sweepOutcome(folder, plan);
  return sweepFigures(table, comparison).filter(({ name }) => name === what);
}
