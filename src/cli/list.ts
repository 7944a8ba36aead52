/** `eventprop list`: what an experiment file can name, from the tables, one line each. */

import { Argument, type Command } from "commander";
import { PROGRAM } from "../core/command-line.ts";
import { UserError } from "../core/errors.ts";
import { suggest } from "../core/suggest.ts";
import type { CommandCall } from "./command.ts";
import { table } from "./terminal.ts";

interface ListOptions {
  readonly json?: boolean;
}

interface Listed {
  readonly kind: string;
  readonly summary: string;
}

export function configure(command: Command): void {
  command
    .addArgument(new Argument("[table]", `one of: ${Object.keys(READERS).join(", ")}`))
    .option("--json", "print one JSON document on stdout")
    .addHelpText("after", `\nExamples:\n  $ ${PROGRAM} list estimators\n  $ ${PROGRAM} list losses --json`);
}

const spec = async () => (await import("../experiment/tables.ts")).TABLES;

const READERS: Readonly<Record<string, () => Promise<readonly Listed[]>>> = {
  models: async () => (await import("../neuron/models/index.ts")).NEURON_MODELS,
  losses: async () => (await spec()).losses,
  estimators: async () => (await spec()).estimators,
  optimizers: async () => (await spec()).optimizers,
  schedules: async () => (await spec()).schedules,
  initializers: async () => (await import("../experiment/initial/index.ts")).INITIALIZERS,
  connectivities: async () => (await import("../experiment/connectivity/index.ts")).CONNECTIVITIES,
  regularizers: async () => (await spec()).regularizers,
  datasets: async () => (await spec()).datasets,
  encoders: async () => (await spec()).encoders,
  loggers: async () => (await import("../loggers/index.ts")).LOGGERS,
  steps: async () =>
    (await import("../calibration/index.ts")).STEPS.map(({ name, summary }) => ({ kind: name, summary })),
  chips: async () => (await import("../experiment/chip-schema.ts")).chipMembers((await spec()).chips),
};

export async function run({ operands, options, terminal }: CommandCall<ListOptions>): Promise<number> {
  const [name] = operands as [string | undefined];
  const chosen = name === undefined ? Object.keys(READERS) : [name];
  const listed: Record<string, readonly Listed[]> = {};
  for (const each of chosen) {
    const reader = Object.hasOwn(READERS, each) ? READERS[each] : undefined;
    if (reader === undefined) throw unknownTable(each);
    listed[each] = (await reader()).map(({ kind, summary }) => ({ kind, summary }));
  }
  if (options.json === true) {
    terminal.result(JSON.stringify(name === undefined ? listed : listed[name], null, 2));
    return 0;
  }
  for (const [each, members] of Object.entries(listed)) {
    if (name === undefined) terminal.result(`${each}:`);
    const indent = name === undefined ? "  " : "";
    for (const line of table(members.map(({ kind, summary }) => [kind, summary])))
      terminal.result(indent + line);
  }
  return 0;
}

function unknownTable(name: string): UserError {
  const names = Object.keys(READERS);
  const meant = suggest(name, names);
  const hint = meant === undefined ? `there are: ${names.join(", ")}` : `did you mean \`${meant}\`?`;
  return new UserError("usage", `there is no table \`${name}\``, { hint });
}
