/** `eventprop nir`: trained networks to other programs, and theirs to here. */

import { existsSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { type Command, InvalidArgumentError, Option } from "commander";
import { commandLine } from "../core/command-line.ts";
import { UserError } from "../core/errors.ts";
import { parseTime } from "../core/units.ts";
import type { NirNetwork } from "../nir/import.ts";
import { TIME_UNITS, type TimeUnit } from "../nir/time-units.ts";
import type { CommandCall } from "./command.ts";
import { setFlag } from "./overrides.ts";

interface NirOptions {
  readonly out?: string;
  readonly timeUnit?: TimeUnit;
  readonly spikeArea?: number;
  readonly speedup: number;
  readonly reset?: number;
  readonly experiment?: string;
  readonly set: readonly string[];
  readonly json?: boolean;
}

export function configure(command: Command): void {
  command
    .argument("<direction>", "export or import")
    .argument("<path>", "export: a run folder; import: a NIR file")
    .option("-o, --out <file>", "export: <run>.nir; import: <file>.yaml, with the weights beside it")
    .addOption(new Option("--time-unit <unit>", "unit of times in the NIR file").choices(["s", "ms", "us"]))
    .option(
      "--spike-area <dirac | time>",
      "import: what a spike counts for: 1 for a Dirac pulse, or the time step, in the file's unit",
      area,
    )
    .option(
      "--speedup <factor>",
      "import: divide all times by this; 1000 makes 1 ms of the file 1 us",
      positive,
      1,
    )
    .option("--reset <potential>", "import: potential after a spike where the file says none", number)
    .option("--experiment <name>", "import: experiment whose data, encoding, loss and training are taken");
  setFlag(command)
    .option("--json", "the result as one JSON document on stdout")
    .addHelpText(
      "after",
      "\nNIR names no unit of time, and simulations on a grid scale their weights by its step: an import has to be told both." +
        "\nThe imported experiment begins with the file's weights; with `training.epochs=0` it only evaluates them." +
        `\n\nExamples:\n  $ ${commandLine("nir", "export", "runs/smoke/latest", "--out", "smoke.nir")}` +
        `\n  $ ${commandLine("nir", "import", "smoke.nir", "--time-unit", "s", "--spike-area", "dirac", "--experiment", "smoke")}` +
        `\n  $ ${commandLine("train", "smoke.yaml", "--set", "training.epochs=0")}`,
    );
}

export async function run(call: CommandCall<NirOptions>): Promise<number> {
  const [direction] = call.operands as [string, string];
  if (direction === "export") return exportRun(call);
  if (direction === "import") return importFile(call);
  throw new UserError("usage", `there is no direction ${direction}`, { hint: "choose export or import" });
}

async function exportRun({ operands, options, terminal }: CommandCall<NirOptions>): Promise<number> {
  const [, folder] = operands as [string, string];
  const { openRun } = await import("../engine/open-run.ts");
  const { readWeights, weightsPath } = await import("../engine/weights-file.ts");
  const { nirOf } = await import("../nir/export.ts");
  const { writeNir } = await import("../nir/graph.ts");
  const loaded = openRun(folder, options.set);
  const out = options.out ?? `${loaded.experiment.name}.nir`;
  refuseExisting(out);
  const { network } = loaded.components;
  const { graph, notes } = nirOf(network, readWeights(weightsPath(folder), network), options.timeUnit ?? "s");
  await writeNir(out, graph);
  for (const note of notes) terminal.warn(note);
  const said = {
    file: out,
    nodes: graph.nodes.size,
    edges: graph.edges.length,
    timeUnit: options.timeUnit ?? "s",
  };
  terminal.result(options.json === true ? JSON.stringify(said, null, 2) : out);
  return 0;
}

async function importFile({ operands, options, terminal }: CommandCall<NirOptions>): Promise<number> {
  const [, path] = operands as [string, string];
  const { timeUnit, spikeArea, speedup, experiment, reset } = options;
  if (timeUnit === undefined || spikeArea === undefined)
    throw new UserError("usage", "an import needs --time-unit and --spike-area: the file says neither", {
      hint: "files of the NIR paper are in s; weights of a simulation on a grid of step dt ask for --spike-area dt",
    });
  if (experiment === undefined)
    throw new UserError(
      "usage",
      "an import needs --experiment: the file has a network, but no data and no loss",
      {
        hint: "name an experiment file, or one that ships: `eventprop init` lists them",
      },
    );
  const { readNir } = await import("../nir/graph.ts");
  const { networkOfNir } = await import("../nir/import.ts");
  const { importedExperiment } = await import("../nir/experiment.ts");
  const { loadExperiment } = await import("../experiment/load.ts");
  const { writeAtomic } = await import("../core/durable-files.ts");
  const like = loadExperiment(experiment, { set: options.set });
  const network = networkOfNir(path, readNir(path), {
    unit: timeUnit,
    area: spikeArea,
    speedup,
    ...(reset === undefined ? {} : { reset }),
  });
  const out = options.out ?? `${basename(path).replace(/\.[^.]*$/, "")}.yaml`;
  const weights = join(dirname(out), `${basename(out).replace(/\.[^.]*$/, "")}.weights.json`);
  for (const file of [out, weights]) refuseExisting(file);
  plausible(path, network, like.components.network.duration, options);
  writeAtomic(weights, `${JSON.stringify(network.values)}\n`);
  writeAtomic(out, importedExperiment(like, network, { file: basename(path), weights: basename(weights) }));
  for (const note of network.notes) terminal.warn(note);
  if (network.inputs !== like.components.network.inputs)
    terminal.warn(
      `the network has ${network.inputs} inputs, the data of ${experiment} make ${like.components.network.inputs}`,
      undefined,
      `change \`data\` or \`encoding\` in ${out}`,
    );
  const written = [out, weights];
  if (options.json === true)
    terminal.result(JSON.stringify({ files: written, notes: network.notes }, null, 2));
  else for (const file of written) terminal.result(file);
  terminal.say(`evaluate it with: ${commandLine("train", out, "--set", "training.epochs=0")}`);
  return 0;
}

/** A membrane much slower than a sample, or much faster than anything in it, is a wrong unit; no unit is guessed. */
function plausible(path: string, { populations }: NirNetwork, duration: number, options: NirOptions): void {
  const { timeUnit = "s", speedup } = options;
  for (const [name, { tauMem }] of Object.entries(populations)) {
    const time = parseTime(tauMem) ?? Number.NaN;
    if (time < 10 * duration && time > duration / 10_000) continue;
    const readings = (["s", "ms", "us"] as const).map((unit) => {
      const other = (time * TIME_UNITS[timeUnit]) / TIME_UNITS[unit];
      return `${Number(other.toPrecision(4))} us read in ${unit}`;
    });
    throw new UserError(
      "compatibility",
      `${path}: the membranes of ${name} would have a time constant of ${time} us, and a sample lasts ${duration} us`,
      {
        hint: `it is ${readings.join(", ")}${speedup === 1 ? "; --speedup 1000 makes a millisecond a microsecond" : `, with --speedup ${speedup}`}`,
      },
    );
  }
}

function refuseExisting(path: string): void {
  if (!existsSync(path)) return;
  throw new UserError("file", `${path} exists already, nothing was written`, {
    hint: "name another file with --out",
  });
}

function number(text: string): number {
  const value = Number(text);
  if (text.trim() !== "" && Number.isFinite(value)) return value;
  throw new InvalidArgumentError("a number is expected.");
}

function positive(text: string): number {
  const value = number(text);
  if (value > 0) return value;
  throw new InvalidArgumentError("a number above 0 is expected.");
}

function area(text: string): number {
  if (text === "dirac") return 1;
  return positive(text);
}
