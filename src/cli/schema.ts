/** `eventprop schema`: the JSON schemas of experiment and sweep files, for editors. */

import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { Argument, type Command } from "commander";
import { PROGRAM } from "../core/command-line.ts";
import { packagePath } from "../core/package-folder.ts";
import type { CommandCall } from "./command.ts";

interface SchemaOptions {
  readonly write?: boolean;
  readonly json?: boolean;
}

/** Where experiments of this package point their editors to. */
const SCHEMA_FILE = packagePath("schema/experiment.schema.json");
const SWEEP_SCHEMA_FILE = packagePath("schema/sweep.schema.json");
const DOCUMENT = packagePath("docs/experiment.md");

export function configure(command: Command): void {
  command
    .addArgument(
      new Argument("[of]", "what the schema is of").choices(["experiment", "sweep"]).default("experiment"),
    )
    .option("--write", "write the schemas in schema/ and the tables of docs/experiment.md of this package")
    .option("--json", "the schema is JSON; with --write the files as one JSON document")
    .addHelpText(
      "after",
      "\nFirst line of an experiment, for editors that speak the YAML language server:\n" +
        "  # yaml-language-server: $schema=../schema/experiment.schema.json\n" +
        `\nExamples:\n  $ ${PROGRAM} schema > experiment.schema.json\n  $ ${PROGRAM} schema sweep > sweep.schema.json`,
    );
}

export async function run({ operands, options, terminal }: CommandCall<SchemaOptions>): Promise<number> {
  const [of] = operands as ["experiment" | "sweep"];
  const { schemaText, withKeyTables } = await import("../experiment/published-schema.ts");
  const { sweepSchemaText } = await import("../sweep/schema.ts");
  if (options.write !== true) {
    terminal.result((of === "sweep" ? sweepSchemaText() : schemaText()).trimEnd());
    return 0;
  }
  mkdirSync(dirname(SCHEMA_FILE), { recursive: true });
  writeFileSync(SCHEMA_FILE, schemaText());
  writeFileSync(SWEEP_SCHEMA_FILE, sweepSchemaText());
  writeFileSync(DOCUMENT, withKeyTables(readFileSync(DOCUMENT, "utf8")));
  const files = [SCHEMA_FILE, SWEEP_SCHEMA_FILE, DOCUMENT];
  if (options.json === true) terminal.result(JSON.stringify({ ok: true, files }, null, 2));
  else for (const file of files) terminal.result(file);
  return 0;
}
