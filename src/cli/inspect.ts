/** `eventprop inspect`: its data, what an experiment asks of a chip, and what the network is, before anything runs. */

import { type Command, Option } from "commander";
import { PROGRAM } from "../core/command-line.ts";
import { UserError } from "../core/errors.ts";
import type { LoadedExperiment } from "../experiment/load.ts";
import type { CommandCall } from "./command.ts";
import { loadOptions, type OverrideOptions, overrideFlags } from "./overrides.ts";
import { type Terminal, table } from "./terminal.ts";

interface InspectOptions extends OverrideOptions {
  readonly json?: boolean;
  readonly svg?: string;
}

const SUBJECTS = ["data", "placement", "network", "calibrations"] as const;

export function configure(command: Command): void {
  command
    .argument("<subject>", `one of ${SUBJECTS.join(", ")}`)
    .argument("<file>", "experiment file; for `data` also a file or folder of data");
  overrideFlags(command)
    .addOption(new Option("--json", "print the result as one JSON document on stdout"))
    .addOption(new Option("--svg <file>", "with `data`: write a raster of each class"))
    .addHelpText(
      "after",
      "\ndata:      classes, ranges, spikes per sample and a raster, of an experiment (`data` and `encoding` are enough)" +
        "\n           or of a CSV, .npz or .h5 file or a folder of MNIST-format files; --set data.label=species and the like" +
        "\n           say how it is read." +
        "\nplacement: neurons, rows per bus and fan-in, and what remains free on the chip. If the network does not fit:" +
        "\n           which resource is missing, how much of it, and the nearest size that fits (exit code 3)." +
        "\n           Neurons that a stored calibration excludes are not used. Nothing is measured." +
        "\nnetwork:   populations, projections, constants, number of weights." +
        "\ncalibrations: which calibrations the experiment needs, and where they are stored." +
        `\n\nExamples:\n  $ ${PROGRAM} inspect data experiments/iris.csv --set data.label=species` +
        `\n  $ ${PROGRAM} inspect network experiments/wunderlich-pehle.yaml` +
        `\n  $ ${PROGRAM} inspect placement experiments/yin-yang.yaml` +
        `\n  $ ${PROGRAM} inspect placement experiments/yin-yang.yaml --set network.populations.hidden.size=200`,
    );
}

export async function run({ operands, options, terminal }: CommandCall<InspectOptions>): Promise<number> {
  const [subject, file] = operands as [string, string];
  if (!(SUBJECTS as readonly string[]).includes(subject))
    throw new UserError("usage", `there is no subject ${subject}`, {
      hint: `choose ${SUBJECTS.join(", ")}`,
    });
  if (subject === "data") {
    const { inspectData } = await import("./inspect-data.ts");
    return inspectData(file, options, terminal);
  }
  if (options.svg !== undefined)
    throw new UserError("usage", "--svg is for `inspect data`", { hint: `leave it out, or inspect data` });
  const { loadExperiment } = await import("../experiment/load.ts");
  const loaded = loadExperiment(file, loadOptions(options));
  for (const { message, where, hint } of loaded.warnings) terminal.warn(message, where, hint);
  const { network } = loaded.components;
  if (subject === "network") {
    const populations = network.populations.map(({ name, model, size, start }) => ({
      name,
      model,
      size,
      tauMem: network.constants.tauMem[start]!,
      tauSynExc: network.constants.tauSynExc[start]!,
      tauSynInh: network.constants.tauSynInh[start]!,
    }));
    const projections = network.projections.map(({ name, sources, targets, rows }) => ({
      name,
      sources,
      targets,
      rows,
      weights: sources * targets,
    }));
    const { inputs, weights, duration } = network;
    if (options.json === true) {
      terminal.result(JSON.stringify({ inputs, weights, duration, populations, projections }, null, 2));
      return 0;
    }
    terminal.result(
      `${inputs} inputs, ${network.neurons} neurons, ${weights} weights, ${duration} us per sample\n`,
    );
    for (const line of asTable(populations, ["tauMem", "tauSynExc", "tauSynInh"])) terminal.result(line);
    terminal.result("");
    for (const line of asTable(projections, [])) terminal.result(line);
    return 0;
  }
  const stored = await storedCalibrations(loaded, terminal);
  if (subject === "calibrations") {
    const rows = stored.map(({ need, found }) => [
      need.populations.join(", "),
      need.label,
      found === undefined ? "-" : String(found.failed),
      found?.path ?? "none is stored",
    ]);
    if (options.json === true) terminal.result(JSON.stringify(stored.map(plain), null, 2));
    else
      for (const line of table([["populations", "calibration", "failed", "file"], ...rows], [2]))
        terminal.result(line);
    return 0;
  }
  const { placeOnChip } = await import("../engine/executor.ts");
  const { resourceReport } = await import("../mapping/resources.ts");
  const { resourceText, runsText } = await import("../mapping/resources-text.ts");
  const { placementHeadroom } = await import("../mapping/headroom.ts");
  const { placementWishes } = await import("../experiment/network.ts");
  const { experiment } = loaded;
  if (experiment.chip.kind === "software")
    terminal.say("chip.kind is software, which has no limits; this is what a chip would need");
  const calibrations = new Map(
    stored.flatMap(({ need, found }) =>
      found === undefined
        ? []
        : need.populations.map((population) => [population, found.calibration] as const),
    ),
  );
  for (const { need, found } of stored)
    terminal.say(
      `calibration of ${need.text}: ${found === undefined ? "none is stored" : `found in ${found.path}`}`,
    );
  const placed = placeOnChip(experiment, network, calibrations);
  if ("parts" in placed) {
    const reports = placed.parts.map((part) => resourceReport(part.network, part.placement));
    terminal.result(
      options.json === true ? JSON.stringify({ runs: reports }, null, 2) : runsText(placed.parts, reports),
    );
    return 0;
  }
  const report = resourceReport(network, placed);
  terminal.result(
    options.json === true
      ? JSON.stringify(report, null, 2)
      : resourceText(report, placementHeadroom(network, placementWishes(experiment))),
  );
  return 0;
}

/** What the experiment needs of calibrations, and what is stored; nothing is measured. Empty in software. */
async function storedCalibrations({ experiment }: LoadedExperiment, terminal: Terminal) {
  if (experiment.chip.kind === "software") return [];
  const { openChip } = await import("../chip/index.ts");
  const { failedNeurons } = await import("../calibration/usable.ts");
  const { calibrationNeeds, findStored, namedCalibrations, needText } = await import(
    "../engine/calibration-search.ts"
  );
  const chip = await openChip(experiment.chip);
  const { id } = chip.info;
  await chip.close();
  return calibrationNeeds(experiment, id).map((need) => {
    const found = findStored(need, namedCalibrations(experiment), (reason) => terminal.warn(reason));
    return {
      need: { ...need, text: needText(need), label: needText({ ...need, populations: [] }) },
      found: found === undefined ? undefined : { ...found, failed: failedNeurons(found.calibration) },
    };
  });
}

type Stored = Awaited<ReturnType<typeof storedCalibrations>>[number];

/** Without the calibration itself. */
function plain({ need: { chip, target, populations }, found }: Stored) {
  return { chip, target, populations, file: found?.path ?? null, failed: found?.failed ?? null };
}

/** Records as rows; keys that hold times get their unit. */
function asTable(records: readonly object[], times: readonly string[]): string[] {
  const keys = Object.keys(records[0] ?? {});
  const header = keys.map((key) => (times.includes(key) ? `${key}/us` : key));
  const rows = records.map((record) => Object.values(record).map(String));
  return table(
    [header, ...rows],
    keys.map((_, i) => i).filter((i) => typeof Object.values(records[0] ?? {})[i] === "number"),
  );
}
