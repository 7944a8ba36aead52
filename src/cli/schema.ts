/** `eventprop schema`: the JSON schema of experiment files, for editors. */

import { mkdirSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import type { Command } from "commander";
import type { CommandCall } from "./commands.ts";

interface SchemaOptions {
  readonly write?: boolean;
}

/** Where experiments of this package point their editors to. */
const FILE = fileURLToPath(new URL("../../schema/experiment.schema.json", import.meta.url));

export function configure(command: Command): void {
  command
    .option("--write", "write schema/experiment.schema.json of this package instead of printing")
    .addHelpText(
      "after",
      "\nFirst line of an experiment, for editors that speak the YAML language server:\n" +
        "  # yaml-language-server: $schema=../schema/experiment.schema.json\n" +
        "\nExample:\n  $ eventprop schema > experiment.schema.json",
    );
}

export async function run({ options, terminal }: CommandCall<SchemaOptions>): Promise<number> {
  const { schemaText } = await import("../spec/editor-schema.ts");
  if (options.write !== true) {
    terminal.result(schemaText().trimEnd());
    return 0;
  }
  mkdirSync(dirname(FILE), { recursive: true });
  writeFileSync(FILE, schemaText());
  terminal.result(FILE);
  return 0;
}
