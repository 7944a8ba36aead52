/** `eventprop validate`: checks experiment and sweep files as `train` and `sweep` would, and the laws of its parts where that is asked for. */

import type { Command } from "commander";
import { PROGRAM } from "../core/command-line.ts";
import { UserError } from "../core/errors.ts";
import type { CommandCall } from "./command.ts";
import { loadOptions, type OverrideOptions, overrideFlags } from "./overrides.ts";

interface ValidateOptions extends OverrideOptions {
  readonly conformance?: boolean;
  readonly json?: boolean;
}

export function configure(command: Command): void {
  command.argument("<experiment.yaml...>", "experiment or sweep files");
  overrideFlags(command)
    .option("--conformance", "check the laws that the loss, the data set and the encoder have to keep")
    .option("--json", "print the result as one JSON document on stdout")
    .addHelpText(
      "after",
      "\nThe exit code is 0 if all files are valid, 3 if not.\n" +
        `\nExamples:\n  $ ${PROGRAM} validate experiments/*.yaml` +
        `\n  $ ${PROGRAM} validate experiments/smoke.yaml --set chip.kind=ideal` +
        `\n  $ ${PROGRAM} validate mine.yaml --conformance --allow-plugins` +
        `\nthen:\n  $ ${PROGRAM} train experiments/smoke.yaml`,
    );
}

export async function run({ operands, options, terminal }: CommandCall<ValidateOptions>): Promise<number> {
  const { loadExperiment } = await import("../experiment/load.ts");
  const { isSweepFile, readSweep } = await import("../sweep/read-sweep.ts");
  const [files] = operands as [readonly string[]];
  const outcomes: object[] = [];
  let code = 0;
  for (const file of files) {
    try {
      const loaded = isSweepFile(file) ? readSweep(file) : loadExperiment(file, loadOptions(options));
      const { warnings } = loaded;
      if (options.conformance === true && "components" in loaded) {
        const { faultsOf } = await import("../experiment/conformance.ts");
        const [first, ...also] = faultsOf(loaded).map(
          (fault) => new UserError("compatibility", `${file}: ${fault}`),
        );
        if (first !== undefined) throw new UserError(first.code, first.message, { also });
      }
      for (const { message, where, hint } of warnings) terminal.warn(message, where, hint);
      outcomes.push({ file, valid: true, warnings });
      if (options.json !== true) terminal.result(`${file}: valid`);
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      terminal.error(error);
      outcomes.push({ file, valid: false, errors: [error, ...error.also].map(plainError) });
      code = Math.max(code, error.exitCode);
    }
  }
  if (options.json === true) terminal.result(JSON.stringify(outcomes, null, 2));
  return code;
}

function plainError({ code, message, hint, where }: UserError): object {
  return { code, message, hint, where };
}
