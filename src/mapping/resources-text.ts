/** The resource report as text for a terminal: one table per resource, what is used and what is left. */

import { NEURONS, ROWS, ROWS_PER_BUS } from "../chip/limits.ts";
import type { Size } from "./fitting.ts";
import type { Headroom } from "./headroom.ts";
import type { NetworkPart } from "./partition.ts";
import { type ResourceReport, rowsLeft } from "./resources.ts";

const HEMISPHERE_NAME = ["top", "bottom"];

/** Lines joined by newlines, without a final one; with `headroom` also how far each size could grow. */
export function resourceText(report: ResourceReport, headroom: readonly Headroom[] = []): string {
  const { neurons } = report;
  const lines = [
    `Neuron circuits: ${neurons.used} used, ${neurons.excluded} excluded, ${neurons.left} left of ${NEURONS} (strategy "${report.strategy}", labeling "${report.labeling}")`,
    `Inputs: ${report.inputs} external sources; synapses: ${report.synapses}, two per signed copy`,
    "",
    ...table([
      [
        "population",
        "model",
        "size",
        "circuits",
        "top",
        "bottom",
        "signed inputs",
        "rows",
        "left",
        "rows per bus",
      ],
      ...report.populations.map((population) => [
        population.name,
        population.model,
        `${population.size}`,
        `${population.circuits}`,
        `${population.onHemisphere[0]}`,
        `${population.onHemisphere[1]}`,
        `${population.signedInputs}`,
        `${population.fanInRows}`,
        `${rowsLeft(population)}`,
        population.rowsOnBus.join(" "),
      ]),
    ]),
    "",
    ...table([
      ["hemisphere", "PADI bus", "rows", `left of ${ROWS_PER_BUS}`, "sources", "labels left"],
      ...report.buses.map((bus) => [
        HEMISPHERE_NAME[bus.hemisphere] as string,
        `${bus.bus}`,
        `${bus.rows}`,
        `${bus.rowsLeft}`,
        `${bus.sources}`,
        `${bus.labelsLeft}`,
      ]),
    ]),
    `Rows in use: ${report.rows[0]} top, ${report.rows[1]} bottom, of ${ROWS} each; populations share them where their columns differ`,
    "",
    ...table([
      ["event output", "reaches bus", "neurons", "spiking"],
      ...report.eventOutputs.map((output) => [
        `${output.output}`,
        `${output.bus}`,
        `${output.neurons}`,
        `${output.spiking}`,
      ]),
    ]),
  ];
  if (report.readoutHemispheres.length > 0) {
    const names = report.readoutHemispheres.map((hemisphere) => HEMISPHERE_NAME[hemisphere]);
    lines.push("", `Membranes of non-spiking populations are read on: ${names.join(" and ")}`);
  }
  if (headroom.length > 0) {
    lines.push(
      "",
      ...table([
        ["room to grow", "now", "largest that fits"],
        ...headroom.map(({ size, now, largest }) => [sizeName(size), `${now}`, `${largest}`]),
      ]),
      "each on its own, everything else as it is",
    );
  }
  return lines.join("\n");
}

/** The runs of a network that is larger than a chip: one line each. */
export function runsText(parts: readonly NetworkPart[], reports: readonly ResourceReport[]): string {
  const names = parts.map(({ slices }) =>
    slices
      .map(({ population, first, size }) =>
        size === population.size ? population.name : `${population.name} ${first} … ${first + size - 1}`,
      )
      .join(", "),
  );
  const rows = reports.map((report, r) => [
    `${r + 1}`,
    names[r] as string,
    `${report.inputs}`,
    `${report.populations.reduce((sum, { size }) => sum + size, 0)}`,
    [...new Set(report.populations.map(({ circuits }) => circuits))].join(" "),
    `${report.neurons.used}`,
    `${report.neurons.left}`,
    `${report.rows[0]}`,
    `${report.rows[1]}`,
    `${report.synapses}`,
  ]);
  const header = [
    "run",
    "neurons of",
    "inputs",
    "neurons",
    "circuits each",
    "circuits",
    "left",
    "rows top",
    "rows bottom",
    "synapses",
  ];
  return [
    `The network is larger than a chip: ${parts.length} runs follow each other, with all samples of a block in each; spikes that are`,
    "recorded in a run are sent to the later ones that want them.",
    "",
    ...table([header, ...rows]),
    `Circuits of ${NEURONS}, rows of ${ROWS} on each hemisphere`,
  ].join("\n");
}

function sizeName(size: Size): string {
  switch (size.kind) {
    case "inputs":
      return "inputs";
    case "population":
      return `neurons in ${size.name}`;
    case "rows":
      return `rows per source of ${size.name}`;
  }
}

/** Columns padded to their widest cell; the first left-aligned, numbers right-aligned. */
function table(rows: readonly (readonly string[])[]): string[] {
  const widths = (rows[0] as readonly string[]).map((_, column) =>
    Math.max(...rows.map((row) => (row[column] as string).length)),
  );
  return rows.map((row) =>
    row
      .map((cell, column) => (column === 0 ? cell.padEnd(widths[column]!) : cell.padStart(widths[column]!)))
      .join("  ")
      .trimEnd(),
  );
}
