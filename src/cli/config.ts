/** `eventprop config`: the experiment with everything filled in, as YAML that can be run again. */

import type { Command } from "commander";
import { PROGRAM } from "../core/command-line.ts";
import type { CommandCall } from "./command.ts";
import { loadOptions, type OverrideOptions, overrideFlags } from "./overrides.ts";

interface ConfigOptions extends OverrideOptions {
  readonly json?: boolean;
}

export function configure(command: Command): void {
  command.argument("<experiment.yaml>", "experiment file");
  overrideFlags(command)
    .option("--json", "print JSON instead of YAML")
    .addHelpText(
      "after",
      "\nWith -v, a comment at every value says where the value comes from.\n" +
        `\nExamples:\n  $ ${PROGRAM} config experiments/smoke.yaml` +
        `\n  $ ${PROGRAM} config experiments/smoke.yaml --set training.epochs=3 -v` +
        `\nthen:\n  $ ${PROGRAM} train experiments/smoke.yaml --set training.epochs=3`,
    );
}

export async function run({ operands, options, terminal }: CommandCall<ConfigOptions>): Promise<number> {
  const [{ loadExperiment }, { experimentYaml }] = await Promise.all([
    import("../experiment/load.ts"),
    import("../experiment/print.ts"),
  ]);
  const loaded = loadExperiment(String(operands[0]), loadOptions(options));
  for (const { message, where, hint } of loaded.warnings) terminal.warn(message, where, hint);
  if (options.json === true) terminal.result(JSON.stringify(loaded.resolved, null, 2));
  else terminal.result(experimentYaml(loaded, { origins: options.verbose === true }).trimEnd());
  return 0;
}
