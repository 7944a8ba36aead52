/** `eventprop inspect data`: classes, ranges, spikes per sample and a raster of an experiment's data or of a data file. */

import { existsSync } from "node:fs";
import { UserError } from "../core/errors.ts";
import type { DataDescription, Range } from "../data/describe.ts";
import type { InputBatch } from "../network/observation.ts";
import { type Terminal, table } from "./terminal.ts";

export interface InspectDataOptions {
  readonly set: readonly string[];
  readonly json?: boolean;
  readonly svg?: string;
}

/** Features that are listed one by one; of more only what all have together is said. */
const MAX_LISTED = 20;

export async function inspectData(
  file: string,
  options: InspectDataOptions,
  terminal: Terminal,
): Promise<number> {
  const { svg } = options;
  if (svg !== undefined && existsSync(svg))
    throw new UserError("file", `${svg} exists already`, { hint: "name another file" });
  const { loadData } = await import("../experiment/load-data.ts");
  const { describeData } = await import("../data/describe.ts");
  const { data, encoder, dataConfig, encoding } = loadData(file, options);
  const train = encoder.encode(data.train);
  const description = describeData(data, encoder, train);
  const firstOfClass = description.classes.map((_, label) => data.train.labels.indexOf(label));
  if (svg !== undefined) {
    const { classRastersFigure } = await import("../figures/class-rasters.ts");
    const { figureToSvg } = await import("../figures/figure.ts");
    const { writeAtomic } = await import("../core/durable-files.ts");
    const samples = firstOfClass.flatMap((sample, label) => {
      if (sample < 0 || label >= MAX_PANELS) return [];
      const spikes = spikesOf(train, sample).map(([source, time]) => [0, source, time] as const);
      return [{ title: `class ${description.classes[label]!.name}`, spikes }];
    });
    const groups = [{ name: "input", size: encoder.inputs }];
    const note = `the first training sample of each class, ${encoding.kind} code`;
    const end = Math.max(description.encoded.time.high, 1e-6);
    writeAtomic(
      svg,
      await figureToSvg(classRastersFigure(`input spikes of ${file}`, note, groups, end, samples)),
    );
  }
  if (options.json === true) {
    const { notes, ...rest } = description;
    terminal.result(
      JSON.stringify({ kind: dataConfig.kind, encoding: encoding.kind, ...rest, notes }, null, 2),
    );
    return 0;
  }
  for (const note of description.notes) terminal.warn(note);
  for (const line of text(dataConfig.kind, encoding.kind, description)) terminal.result(line);
  const shown = firstOfClass.find((sample) => sample >= 0) ?? 0;
  terminal.result(
    `\nFirst training sample of class ${description.classes[data.train.labels[shown]!]!.name}:`,
  );
  for (const line of raster(spikesOf(train, shown), encoder.inputs)) terminal.result(line);
  if (svg !== undefined) terminal.say(`wrote ${svg}`);
  return 0;
}

/** Panels of a picture. */
const MAX_PANELS = 24;

function text(kind: string, code: string, { samples, classes, values, encoded }: DataDescription): string[] {
  const lines = [
    `${kind}: ${samples.train} samples for training, ${samples.validation} for validation, ${samples.test} for testing; ${classes.length} classes`,
    "",
    ...table(
      [
        ["class", "train", "validation", "test"],
        ...classes.map((each) => [each.name, ...[each.train, each.validation, each.test].map(String)]),
      ],
      [1, 2, 3],
    ),
    "",
  ];
  if (values.kind === "events") {
    lines.push(
      `${values.events} recorded spikes in ${values.channels} channels, at ${number(values.time.low)} to ${number(values.time.high)} us of the recording`,
    );
  } else if (values.features.length <= MAX_LISTED) {
    const row = ({ low, mean, high }: Range, i: number) => [String(i), ...[low, mean, high].map(number)];
    lines.push(
      "Features of the training samples, scaled to 0 … 1:",
      ...table([["feature", "smallest", "mean", "largest"], ...values.features.map(row)], [0, 1, 2, 3]),
    );
  } else {
    const all = values.features;
    const constant = all.filter(({ low, high }) => low === high).length;
    const mean = all.reduce((sum, each) => sum + each.mean, 0) / all.length;
    lines.push(`${all.length} features scaled to 0 … 1, ${constant} of them constant; mean ${number(mean)}`);
  }
  const { spikesPerSample: spikes, time } = encoded;
  lines.push(
    "",
    `Code ${code}: ${encoded.sources} sources, ${encoded.silentSources} of them silent; spikes at ${number(time.low)} to ${number(time.high)} us`,
    `Spikes per training sample: ${number(spikes.mean)} (${spikes.low} to ${spikes.high}); ${encoded.silentSamples} samples without any`,
  );
  return lines;
}

/** Four digits are enough to look at. */
const number = (value: number): string => String(Number(value.toPrecision(4)));

function spikesOf(
  { offset, source, time }: InputBatch,
  sample: number,
): (readonly [source: number, time: number])[] {
  const places = Array.from({ length: offset[sample + 1]! - offset[sample]! }, (_, i) => offset[sample]! + i);
  return places.map((at) => [source[at]!, time[at]!]);
}

const ROWS = 16;
const COLUMNS = 64;
/** One spike, two, more. */
const INK = [" ", "·", ":", "#"];

/** Sources from bottom to top, time from left to right; several of each share a character where there are more. */
function raster(spikes: readonly (readonly [source: number, time: number])[], sources: number): string[] {
  const rows = Math.min(ROWS, sources);
  const end = Math.max(...spikes.map(([, time]) => time), 1e-6);
  const counts = Array.from({ length: rows }, () => new Array<number>(COLUMNS).fill(0));
  for (const [source, time] of spikes) {
    const row = rows - 1 - Math.floor((source * rows) / sources);
    counts[row]![Math.min(COLUMNS - 1, Math.floor((time / end) * COLUMNS))]!++;
  }
  const first = (row: number): string => String(Math.ceil(((rows - 1 - row) * sources) / rows));
  const width = String(sources - 1).length;
  const lines = counts.map(
    (line, row) => `${first(row).padStart(width)} |${line.map((count) => INK[Math.min(count, 3)]).join("")}|`,
  );
  const scale = `0${`${number(end)} us`.padStart(COLUMNS - 1)}`;
  return [...lines, `${" ".repeat(width + 2)}${scale}`];
}
