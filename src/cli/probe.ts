/** `eventprop probe`: a chip as one meets it in a lab, with its words by name, events in, converters out. */

import type { Command } from "commander";
import { commandLine } from "../core/command-line.ts";
import type { ProbedNeuron } from "../probe/run-probe.ts";
import type { ProbeSpread, ProbeSummary } from "../probe/summary.ts";
import type { CommandCall } from "./command.ts";
import { setFlag } from "./overrides.ts";
import { createProgress } from "./progress.ts";
import { table } from "./terminal.ts";

interface ProbeOptions {
  readonly set: readonly string[];
  readonly out?: string;
  readonly json?: boolean;
}

export function configure(command: Command): void {
  setFlag(command)
    .argument("<probe.yaml>", "words, events, and what is recorded")
    .option("-o, --out <dir>", "folder for traces, spikes and the figure; it must be empty or not exist yet")
    .option("--json", "print the result as one JSON document on stdout")
    .addHelpText(
      "after",
      "\nPrints, for each value of the sweep, means and standard deviations over neurons: codes of the converter, times in us." +
        "\nWrites trace.csv, spikes.csv, summary.csv (one line per value and neuron) and probe.svg. Keys: docs/probe.md." +
        `\n\nExamples:\n  $ ${commandLine("probe", "experiments/probe/psp-stacking.yaml")}` +
        `\n  $ ${commandLine("probe", "experiments/probe/f-i-curve.yaml", "--set", "chip.seed=3", "--out", "f-i")}`,
    );
}

export async function run({ operands, options, terminal }: CommandCall<ProbeOptions>): Promise<number> {
  const [file] = operands as [string];
  const { basename } = await import("node:path");
  const { loadProbe } = await import("../probe/probe-file.ts");
  const { runProbe } = await import("../probe/run-probe.ts");
  const { spreads, summarize } = await import("../probe/summary.ts");
  const { fittingCalibration } = await import("../engine/chip-calibrations.ts");
  const { checkVacant } = await import("../engine/run-folder.ts");
  const probe = loadProbe(file, options.set);
  if (options.out !== undefined) checkVacant(options.out);
  const progress = createProgress(terminal);
  let probed: ProbedNeuron[];
  try {
    probed = await runProbe(probe, (chip, target) =>
      fittingCalibration(chip, { chip: chip.info.id, target, populations: [] }, [], progress.report),
    );
  } finally {
    progress.clear();
  }
  const firstEvent = Math.min(...probe.inputs.flatMap(({ times }) => times));
  const summaries = summarize(probed, firstEvent);
  if (options.out !== undefined) {
    const { probeFigure } = await import("../probe/probe-figure.ts");
    const { figureToSvg } = await import("../figures/figure.ts");
    const title = probe.name ?? basename(file);
    const figure = await figureToSvg(probeFigure(probe, title, probed, summaries));
    await write(options.out, probed, summaries, figure);
  }
  const over = spreads(summaries);
  if (options.json === true)
    terminal.result(JSON.stringify({ out: options.out ?? null, summaries, spreads: over }, null, 2));
  else for (const line of lines(over, probe.sweep?.of, probe.neurons.length)) terminal.result(line);
  return 0;
}

async function write(
  out: string,
  probed: readonly ProbedNeuron[],
  summaries: readonly ProbeSummary[],
  figure: string,
): Promise<void> {
  const { join } = await import("node:path");
  const { createFolder, writeAtomic } = await import("../core/durable-files.ts");
  const { SUMMARY_COLUMNS } = await import("../probe/summary.ts");
  const csv = (header: readonly string[], rows: readonly (readonly unknown[])[]): string =>
    `${[header, ...rows].map((row) => row.join(",")).join("\n")}\n`;
  const at = ({ value, repeat, neuron }: ProbedNeuron): number[] => [value, repeat, neuron];
  createFolder(out);
  writeAtomic(
    join(out, "trace.csv"),
    csv(
      ["value", "repeat", "neuron", "time_us", "code"],
      probed.flatMap((one) => one.time.map((time, k) => [...at(one), time.toFixed(3), one.code[k]])),
    ),
  );
  writeAtomic(
    join(out, "spikes.csv"),
    csv(
      ["value", "repeat", "neuron", "time_us"],
      probed.flatMap((one) => one.spikes.map((time) => [...at(one), time.toFixed(3)])),
    ),
  );
  writeAtomic(
    join(out, "summary.csv"),
    csv(
      SUMMARY_COLUMNS,
      summaries.map((one) => SUMMARY_COLUMNS.map((column) => number(one[column], ""))),
    ),
  );
  writeAtomic(join(out, "probe.svg"), figure);
}

/** One line per value; columns that have no number in any line are left out. */
function lines(spreads: readonly ProbeSpread[], of: string | undefined, neurons: number): string[] {
  const columns = Object.keys(spreads[0]?.mean ?? {}).filter((column) =>
    spreads.some(({ mean }) => Number.isFinite(mean[column])),
  );
  const header = [of ?? "", ...columns];
  const rows = spreads.map(({ value, mean, spread }) => [
    of === undefined ? "" : String(value),
    ...columns.map((column) => {
      const around = spread[column]!;
      return number(mean[column]!, "-") + (Number.isFinite(around) ? ` ± ${number(around, "-")}` : "");
    }),
  ]);
  const over = neurons === 1 ? [] : ["", `means ± standard deviations over ${neurons} neurons`];
  return [
    ...table(
      [header, ...rows],
      header.map((_, i) => i),
    ),
    ...over,
  ];
}

function number(value: number, absent: string): string {
  return Number.isFinite(value) ? String(Number(value.toPrecision(4))) : absent;
}
