/** `eventprop init`: an experiment of this program in one's own folder, to start from. */

import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { basename, join, relative } from "node:path";
import type { Command } from "commander";
import { commandLine } from "../core/command-line.ts";
import { fileReason, UserError } from "../core/errors.ts";
import { suggest } from "../core/suggest.ts";
import type { CommandCall } from "./command.ts";
import { table } from "./terminal.ts";

interface InitOptions {
  readonly json?: boolean;
  readonly out?: string;
}

const SCHEMA = "experiment.schema.json";

export function configure(command: Command): void {
  command
    .argument("[name]", "experiment to copy; without a name, all experiments are listed")
    .option("-o, --out <dir>", "folder for the copies (default: the current folder)")
    .option("--json", "one JSON document on stdout")
    .addHelpText(
      "after",
      "\nCopies the experiment, the files that it extends, its data, and the schema that editors read. Nothing is overwritten." +
        `\n\nExamples:\n  $ ${commandLine("init")}\n  $ ${commandLine("init", "yin-yang")}` +
        `\nthen:\n  $ ${commandLine("train", "yin-yang.yaml")}`,
    );
}

export async function run({ operands, options, terminal }: CommandCall<InitOptions>): Promise<number> {
  const { shippedExperiments, withBases } = await import("../experiment/shipped.ts");
  const [name] = operands as [string | undefined];
  const shipped = shippedExperiments();
  if (name === undefined) {
    if (options.json === true) {
      terminal.result(
        JSON.stringify(
          shipped.map(({ name: each, summary }) => ({ name: each, summary })),
          null,
          2,
        ),
      );
      return 0;
    }
    for (const line of table(shipped.map((each) => [each.name, each.summary]))) terminal.result(line);
    terminal.say(`copy one into this folder with: ${commandLine("init", shipped[0]?.name ?? "")}`);
    return 0;
  }
  const chosen = shipped.find((each) => each.name === name.replace(/\.yaml$/, ""));
  if (chosen === undefined) {
    const names = shipped.map((each) => each.name);
    const meant = suggest(name, names);
    const hint = meant === undefined ? `there are: ${names.join(", ")}` : `did you mean \`${meant}\`?`;
    throw new UserError("usage", `there is no experiment \`${name}\``, { hint });
  }
  const folder = options.out ?? ".";
  const { schemaText } = await import("../experiment/published-schema.ts");
  const copies = withBases(chosen.path).map((path) => ({
    path: join(folder, basename(path)),
    text: copyOf(path),
  }));
  const there = copies.find(({ path }) => existsSync(path));
  if (there !== undefined)
    throw new UserError("file", `${there.path} exists already, nothing was written`, {
      hint: `choose another folder, e.g. ${commandLine("init", chosen.name, "--out", "mine")}`,
    });
  const schema = join(folder, SCHEMA);
  const files = existsSync(schema) ? copies : [...copies, { path: schema, text: schemaText() }];
  try {
    mkdirSync(folder, { recursive: true });
    for (const { path, text } of files) writeFileSync(path, text, { flag: "wx" });
  } catch (cause) {
    const reason = fileReason(cause);
    if (reason === undefined) throw cause;
    throw new UserError("file", `cannot write to ${folder}: ${reason}`, { cause });
  }
  const written = files.map(({ path }) => path);
  if (options.json === true) terminal.result(JSON.stringify({ files: written }, null, 2));
  else for (const path of written) terminal.result(path);
  terminal.say(`train it with: ${commandLine("train", relative(".", written[0] as string))}`);
  return 0;
}

/** A shipped file as one's own: the schema lies beside it; data are copied as they are. */
function copyOf(path: string): string {
  const text = readFileSync(path, "utf8");
  if (!path.endsWith(".yaml")) return text;
  const lines = [
    `# A copy of the experiment \`${basename(path).replace(/\.yaml$/, "")}\`; change what you like. What is not written has a default:`,
    `#   ${commandLine("config", basename(path))}        prints every value, -v where each one comes from`,
    `#   ${commandLine("validate", basename(path))}      checks the file, and whether the network fits on the chip`,
    `#   ${commandLine("list")}                       says what else could stand here`,
  ];
  const own = text.replace("$schema=../schema/experiment.schema.json", `$schema=${SCHEMA}`);
  const [first = "", ...rest] = own.split("\n");
  return first.startsWith("# yaml-language-server")
    ? [first, ...lines, ...rest].join("\n")
    : [...lines, own].join("\n");
}
