/** `eventprop list`: what an experiment file can name, from the tables, and the options of one of them. */

import type { TProperties } from "@sinclair/typebox";
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
  readonly options?: TProperties;
}

export function configure(command: Command): void {
  command
    .addArgument(new Argument("[table]", `one of: ${Object.keys(READERS).join(", ")}`))
    .argument("[kind]", "one of the table's kinds, to see its options with their defaults and units")
    .option("--json", "print one JSON document on stdout")
    .addHelpText(
      "after",
      `\nExamples:\n  $ ${PROGRAM} list estimators\n  $ ${PROGRAM} list losses first-spike\n  $ ${PROGRAM} list losses --json`,
    );
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
  const [name, kind] = operands as [string | undefined, string | undefined];
  if (name !== undefined && kind !== undefined) return showOptions(name, kind, options, terminal);
  const chosen = name === undefined ? Object.keys(READERS) : [name];
  const listed: Record<string, readonly Listed[]> = {};
  for (const each of chosen) {
    listed[each] = (await membersOf(each)).map(({ kind: word, summary }) => ({ kind: word, summary }));
  }
  if (options.json === true) {
    terminal.result(JSON.stringify(name === undefined ? listed : listed[name], null, 2));
    return 0;
  }
  for (const [each, members] of Object.entries(listed)) {
    if (name === undefined) terminal.result(`${each}:`);
    const indent = name === undefined ? "  " : "";
    for (const line of table(members.map((member) => [member.kind, member.summary])))
      terminal.result(indent + line);
  }
  return 0;
}

async function membersOf(name: string): Promise<readonly Listed[]> {
  const reader = Object.hasOwn(READERS, name) ? READERS[name] : undefined;
  if (reader === undefined) throw unknown("table", name, Object.keys(READERS));
  return reader();
}

/** What the schema says about the options of one member. */
async function showOptions(
  name: string,
  kind: string,
  { json }: ListOptions,
  terminal: CommandCall<ListOptions>["terminal"],
): Promise<number> {
  const members = await membersOf(name);
  const member = members.find((each) => each.kind === kind);
  if (member === undefined)
    throw unknown(
      "kind",
      kind,
      members.map((each) => each.kind),
    );
  const { memberOptions } = await import("../experiment/published-schema.ts");
  const { memberSchema } = await import("../core/table.ts");
  const { summary, options = {} } = member;
  const found = memberOptions(memberSchema({ kind, summary, options, create: undefined }));
  if (json === true) {
    terminal.result(JSON.stringify({ kind, summary, options: found }, null, 2));
    return 0;
  }
  terminal.result(`${kind}: ${summary}`);
  const rows = found.map(({ key, default: standard, meaning }) => [key, standard, meaning]);
  if (rows.length === 0) terminal.result("it has no options");
  else for (const line of table([["option", "default", "meaning"], ...rows])) terminal.result(line);
  return 0;
}

function unknown(what: string, name: string, names: readonly string[]): UserError {
  const meant = suggest(name, names);
  const hint = meant === undefined ? `there are: ${names.join(", ")}` : `did you mean \`${meant}\`?`;
  return new UserError("usage", `there is no ${what} \`${name}\``, { hint });
}
