/**
 * Arrays of numbers for numpy and tables: one `.npz` archive, or a folder of `.npy` or `.csv` files.
 *
 *     input>hidden               weights [source, target], model units; the same key as in weights.json
 *     input>hidden.words         signed 6-bit words [source, target, copy], on a chip
 *     input>hidden.words_per_unit   the sum of a weight's words, divided by this, is the weight that the chip runs
 *     hidden.spikes              [row, (sample, neuron, time in µs)], of a recording
 *     hidden.membrane            [row, (sample, neuron, time in µs, potential in model units)]
 *
 * and delays and constants that are learned, as in weights.json. A matrix is a table of numbers in CSV, rows are
 * sources; recordings have a header, and words are one line per copy.
 */

import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { loadCalibration } from "../calibration/store.ts";
import { numberCell, parseCsv } from "../core/csv-text.ts";
import { UserError } from "../core/errors.ts";
import { runCalibrationFiles } from "../engine/chip-calibrations.ts";
import { openRun } from "../engine/open-run.ts";
import { projectionWords } from "../engine/projection-words.ts";
import { readWeights, weightsPath } from "../engine/weights-file.ts";
import { parameterValue } from "../network/parameters.ts";
import { type NamedArray, writeArrays } from "./array-files.ts";
import type { ExportTarget } from "./types.ts";

export const arrays: ExportTarget = {
  kind: "arrays",
  summary: "weights, words, spikes and membranes as arrays of numpy or tables",
  formats: [
    { name: "npz", extension: ".npz" },
    { name: "npy", extension: "-npy" },
    { name: "csv", extension: "-csv" },
  ],
  async write({ folder, format, out }) {
    const found = existsSync(join(folder, "spikes.csv")) ? recordedArrays(folder) : runArrays(folder);
    writeArrays(out, format, found);
    return {
      contents: found.map(({ name, shape }) => ({ name, what: `(${shape.join(", ")})` })),
      notes: [],
    };
  },
};

function runArrays(folder: string): NamedArray[] {
  const { experiment, components } = openRun(folder, []);
  const { network } = components;
  const weights = readWeights(weightsPath(folder), network);
  const projections = network.projections.map(({ name, offset, sources, targets }) => ({
    name,
    shape: [sources, targets],
    values: weights.slice(offset, offset + sources * targets),
  }));
  const segments = network.segments.map((segment) => ({
    name: segment.name,
    shape: [segment.length],
    values: Float64Array.from(weights.subarray(segment.offset, segment.offset + segment.length), (theta) =>
      parameterValue(segment, theta),
    ),
  }));
  const calibrations = runCalibrationFiles(folder).map((path) => loadCalibration(path));
  const words = projectionWords(experiment, network, weights, calibrations) ?? [];
  const onChip = words.flatMap(({ projection: { name, sources, targets, rows }, values, scale }) => [
    {
      name: `${name}.words`,
      shape: [sources, targets, rows],
      axes: ["source", "target", "copy", "word"],
      values,
    },
    { name: `${name}.words_per_unit`, shape: [], values: Float64Array.of(scale) },
  ]);
  return [...projections, ...segments, ...onChip];
}

function recordedArrays(folder: string): NamedArray[] {
  return [
    ...recorded(join(folder, "spikes.csv"), "spikes", ["sample", "neuron", "time_us"]),
    ...recorded(join(folder, "membrane.csv"), "membrane", ["sample", "neuron", "time_us", "voltage"]),
  ];
}

/** The rows of a recording, population by population. */
function recorded(path: string, what: string, columns: readonly string[]): NamedArray[] {
  if (!existsSync(path)) return [];
  const table = parseCsv(readFileSync(path, "utf8"), path);
  const { header, rows } = table;
  const places = columns.map((column) => header.indexOf(column));
  const population = header.indexOf("population");
  if (population < 0 || places.includes(-1))
    throw new UserError("input-file", `${path} is not a recording: its columns are ${header.join(", ")}`, {
      hint: `expected are population and ${columns.join(", ")}`,
    });
  const found = new Map<string, number[]>();
  for (const row of rows) {
    const values = places.map((place) => numberCell(table, row, place));
    const name = row.cells[population]!;
    const own = found.get(name) ?? [];
    found.set(name, own);
    own.push(...values);
  }
  return [...found].map(([name, values]) => ({
    name: `${name}.${what}`,
    shape: [values.length / columns.length, columns.length],
    columns,
    values: Float64Array.from(values),
  }));
}
