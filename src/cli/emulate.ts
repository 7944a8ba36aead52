/** `eventprop emulate`: given weights on given input spikes, spikes and membranes out. */

import type { Command } from "commander";
import { PROGRAM } from "../core/command-line.ts";
import type { CommandCall } from "./command.ts";
import { loadOptions, type OverrideOptions, overrideFlags } from "./overrides.ts";
import { createProgress } from "./progress.ts";

interface EmulateOptions extends OverrideOptions {
  readonly weights: string;
  readonly inputs: string;
  readonly out: string;
  readonly json?: boolean;
}

export function configure(command: Command): void {
  command.argument("<experiment.yaml>", "experiment file, for its network and chip");
  overrideFlags(command)
    .requiredOption(
      "--weights <path>",
      'JSON file that maps projection names, e.g. "input>hidden", to number[pre][post]; or a run folder',
    )
    .requiredOption("--inputs <events.csv>", "columns sample, source, time_us")
    .requiredOption("-o, --out <dir>", "folder for the results; it must be empty or not exist yet")
    .option("--json", "print the result as one JSON document on stdout")
    .addHelpText(
      "after",
      "\nWrites spikes.csv (sample,population,neuron,time_us) and membrane.csv (… time_us,voltage)." +
        "\nevents.csv has the header sample,source,time_us and one line per spike, e.g. 0,3,12.5 for input 3 at 12.5 us." +
        "\nOn a chip, weights are rounded to 6-bit words, and membranes are samples of its converter." +
        `\n\nExample:\n  $ ${PROGRAM} emulate experiments/smoke.yaml --weights runs/smoke/latest \\` +
        "\n      --inputs events.csv --out observed",
    );
}

export async function run({ operands, options, terminal }: CommandCall<EmulateOptions>): Promise<number> {
  const [file] = operands as [string];
  const { loadExperiment } = await import("../experiment/load.ts");
  const { readWeights, weightsPath } = await import("../engine/weights-file.ts");
  const { readEvents } = await import("../engine/events-file.ts");
  const { createRunFolder } = await import("../engine/run-folder.ts");
  const { emulate } = await import("../engine/emulate.ts");
  const { warningLine } = await import("../engine/warnings.ts");
  const loaded = loadExperiment(file, loadOptions(options));
  for (const { message, where, hint } of loaded.warnings) terminal.warn(message, where, hint);
  const { network } = loaded.components;
  const weights = readWeights(weightsPath(options.weights), network);
  const inputs = readEvents(options.inputs, network);
  const { experiment } = loaded;
  const folder = createRunFolder({ experiment: experiment.name, out: options.out, now: new Date() });
  const progress = createProgress(terminal);
  const { report } = progress;
  const { saturated, warnings } = await emulate({ experiment, network, weights, inputs, folder, report });
  progress.clear();
  if (saturated > 0) terminal.warn(`${saturated} weights are larger than the chip can hold and were clipped`);
  for (const warning of warnings) terminal.warn(warningLine(warning), undefined, warning.hint);
  await drawFirstSample(folder, terminal);
  const outcome = { ok: true, folder, saturated, warnings };
  terminal.result(options.json === true ? JSON.stringify(outcome, null, 2) : folder);
  return 0;
}

/** Raster and membranes of the first sample; `plot` draws the others. A picture that fails is a warning. */
async function drawFirstSample(folder: string, terminal: CommandCall<never>["terminal"]): Promise<void> {
  const { join } = await import("node:path");
  const { createFolder, writeAtomic } = await import("../core/durable-files.ts");
  const { RUN_FILES } = await import("../engine/run-folder.ts");
  const { figureToSvg } = await import("../figures/figure.ts");
  const { firstSample, RECORDING_FIGURES, readRecording } = await import("../report/run-data.ts");
  try {
    const sample = firstSample(folder);
    if (sample === undefined) return;
    const recording = readRecording(folder, sample);
    createFolder(join(folder, RUN_FILES.figures));
    for (const { name, draw } of RECORDING_FIGURES)
      writeAtomic(join(folder, RUN_FILES.figures, `${name}.svg`), await figureToSvg(draw(recording)));
  } catch (error) {
    terminal.warn(`figures are not drawn: ${(error as Error).message}`);
  }
}
