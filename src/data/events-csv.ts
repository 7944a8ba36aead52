/**
 * Recorded spikes in CSV: one row per spike with the columns `sample`, `source` and `time_us`, as `emulate` reads them,
 * and the class of each sample: in a column `label` of the same file, or in a file of its own with the columns `sample`
 * and `label`, which also names samples without spikes.
 */

import { type Static, type TObject, Type } from "@sinclair/typebox";
import { type CsvRow, type CsvTable, cellError, numberCell, parseCsv } from "../core/csv-text.ts";
import { UserError } from "../core/errors.ts";
import { fileSchema } from "../core/option-schemas.ts";
import { listed, suggest } from "../core/suggest.ts";
import { member } from "../core/table.ts";
import { eventSplits, MAX_CHANNELS, type RecordedSamples, splitOptions } from "./recorded.ts";
import { readTextFile } from "./text-file.ts";
import type { DatasetSplits, EventData } from "./types.ts";

const options = {
  path: fileSchema({
    description: "CSV with the columns sample, source, time_us, and label unless `labels` is given.",
  }),
  labels: Type.Optional(fileSchema({ description: "CSV with the columns sample and label." })),
  ...splitOptions,
};

type EventsCsvOptions = Static<TObject<typeof options>>;

export const eventsCsv = member({
  kind: "events-csv",
  summary: "recorded spikes: rows of sample, source, time_us, and a label per sample",
  options,
  create: (chosen: EventsCsvOptions): DatasetSplits<EventData> => {
    const events = parseCsv(readTextFile(chosen.path), chosen.path);
    const labels =
      chosen.labels === undefined ? events : parseCsv(readTextFile(chosen.labels), chosen.labels);
    return eventSplits(recordedSamples(events, labels), chosen, chosen.path);
  },
});

/** @throws UserError("input-file") naming row and column */
export function recordedSamples(events: CsvTable, labels: CsvTable): RecordedSamples {
  const names = new Map<number, string>();
  const labelSample = columnOf(labels, "sample");
  const label = columnOf(labels, "label");
  for (const row of labels.rows) {
    const sample = indexCell(labels, row, labelSample, 0xffffffff);
    const name = row.cells[label] as string;
    if (name === "") throw cellError(labels, row, label, "is empty, a class is expected");
    const known = names.get(sample);
    if (known !== undefined && known !== name)
      throw cellError(labels, row, label, `sample ${sample} is "${name}" here and "${known}" above`);
    names.set(sample, name);
  }
  const numbers = [...names.keys()].sort((a, b) => a - b);
  const place = new Map(numbers.map((number, i) => [number, i]));
  const [sampleColumn, sourceColumn, timeColumn] = ["sample", "source", "time_us"].map((name) =>
    columnOf(events, name),
  );
  const count = events.rows.length;
  const [sample, source, time] = [new Int32Array(count), new Int32Array(count), new Float64Array(count)];
  let channels = 0;
  events.rows.forEach((row, i) => {
    const found = place.get(indexCell(events, row, sampleColumn!, 0xffffffff));
    if (found === undefined) throw cellError(events, row, sampleColumn!, "this sample has no label");
    sample[i] = found;
    source[i] = indexCell(events, row, sourceColumn!, MAX_CHANNELS - 1);
    time[i] = numberCell(events, row, timeColumn!);
    if (time[i]! < 0) throw cellError(events, row, timeColumn!, `${time[i]} is before the sample begins`);
    channels = Math.max(channels, source[i]! + 1);
  });
  return { labels: numbers.map((number) => names.get(number)!), sample, source, time, channels };
}

function columnOf(table: CsvTable, name: string): number {
  const column = table.header.indexOf(name);
  if (column >= 0) return column;
  const meant = suggest(name, table.header);
  const hint = meant === undefined ? `columns are: ${listed(table.header)}` : `is "${meant}" meant?`;
  throw new UserError("input-file", `${table.file} has no column "${name}"`, { hint });
}

function indexCell(table: CsvTable, row: CsvRow, column: number, most: number): number {
  const value = numberCell(table, row, column);
  if (Number.isInteger(value) && value >= 0 && value <= most) return value;
  throw cellError(table, row, column, `a whole number from 0 to ${most} is expected, found ${value}`);
}
