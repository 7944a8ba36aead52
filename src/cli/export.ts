/** `eventprop export`: a run or a recording for other programs, by the table of src/export. */

import { basename, resolve } from "node:path";
import { type Command, Option } from "commander";
import { commandLine } from "../core/command-line.ts";
import { UserError } from "../core/errors.ts";
import type { CommandCall } from "./command.ts";
import { table } from "./terminal.ts";

interface ExportOptions {
  readonly for: string;
  readonly format?: string;
  readonly out?: string;
  readonly json?: boolean;
}

export function configure(command: Command): void {
  command
    .argument(
      "<folder>",
      "run folder, or a folder with spikes.csv as `emulate` and `evaluate --record` write it",
    )
    .addOption(new Option("--for <target>", "what is exported").default("arrays"))
    .option("--format <name>", "arrays: npz (default), npy or csv")
    .option("-o, --out <path>", "file or folder to write (default: the folder's name with an extension)")
    .option("--json", "one JSON document on stdout")
    .addHelpText(
      "after",
      "\nA run gives its weights and, on a chip, their 6-bit words; a recording gives spikes and membranes by population." +
        "\nNames, shapes and units: docs/run-folder.md. Nothing is overwritten." +
        `\n\nExamples:\n  $ ${commandLine("export", "runs/smoke/latest", "--out", "smoke.npz")}` +
        `\n  $ ${commandLine("export", "runs/smoke/latest", "--format", "csv", "--out", "smoke-csv")}` +
        `\n  $ ${commandLine("export", "runs/smoke/latest/evaluations/test", "--out", "spikes.npz")}` +
        `\n  $ ${commandLine("export", "runs/smoke/latest", "--for", "hxtorch", "--out", "bundle")}` +
        `\nthen in Python:\n  numpy.load("smoke.npz")["input>hidden"]`,
    );
}

export async function run({ operands, options, terminal }: CommandCall<ExportOptions>): Promise<number> {
  const [folder] = operands as [string];
  const { EXPORTS } = await import("../export/index.ts");
  const target = EXPORTS.find(({ kind }) => kind === options.for);
  if (target === undefined)
    throw new UserError("usage", `there is no export for \`${options.for}\``, {
      hint: `there are: ${EXPORTS.map(({ kind, summary }) => `${kind} (${summary})`).join(", ")}`,
    });
  const { formats } = target;
  const format =
    options.format === undefined ? formats[0] : formats.find(({ name }) => name === options.format);
  if (format === undefined)
    throw new UserError("usage", `${target.kind} are not written as \`${options.format}\``, {
      hint: `there are: ${formats.map(({ name }) => name).join(", ")}`,
    });
  const out = options.out ?? `${basename(resolve(folder))}${format.extension}`;
  const { contents, notes } = await target.write({ folder, format: format.name, out });
  for (const note of notes) terminal.warn(note);
  if (options.json === true) {
    terminal.result(JSON.stringify({ out, contents, notes }, null, 2));
    return 0;
  }
  terminal.result(out);
  for (const line of table(contents.map(({ name, what }) => [name, what]))) terminal.say(`  ${line}`);
  return 0;
}
