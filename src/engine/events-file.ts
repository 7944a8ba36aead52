/**
 * events.csv of `emulate`: columns sample, source, time_us, in any order of columns and rows → input spikes.
 * Samples without a row are silent; the last sample is the largest number in the file.
 */

import { type CsvTable, cellError, numberCell, parseCsv } from "../core/csv-text.ts";
import { UserError } from "../core/errors.ts";
import { suggest } from "../core/suggest.ts";
import { readTextFile } from "../data/text-file.ts";
import type { Network } from "../network/network.ts";
import type { InputBatch } from "../network/observation.ts";

const COLUMNS = ["sample", "source", "time_us"] as const;
/** A larger number is taken for a slip: results are kept for every sample up to the largest. */
const MAX_SAMPLES = 1_000_000;

/**
 * Input spikes of samples 0 … the largest one, each in ascending time (equal times: ascending source).
 * @throws UserError("input-file") naming row and column: a column missing or unknown, something that is not a
 * number, a negative or fractional index, a source that the network does not have, a time outside the sample
 */
export function readEvents(path: string, network: Pick<Network, "inputs" | "duration">): InputBatch {
  return parseEvents(readTextFile(path), path, network);
}

/** As `readEvents`, of text that is already read; `file` is only named in errors. */
export function parseEvents(
  text: string,
  file: string,
  network: Pick<Network, "inputs" | "duration">,
): InputBatch {
  const table = parseCsv(text, file);
  const [sampleColumn, sourceColumn, timeColumn] = locateColumns(table);
  const count = table.rows.length;
  if (count === 0) {
    throw new UserError("input-file", `${file} has no events`, { hint: "one row per input spike" });
  }
  const sample = new Int32Array(count);
  const source = new Int32Array(count);
  const time = new Float64Array(count);
  let samples = 0;
  table.rows.forEach((row, i) => {
    const index = (column: number, limit: number, meaning: string): number => {
      const value = numberCell(table, row, column);
      if (!Number.isInteger(value)) throw cellError(table, row, column, `${value} is not an integer`);
      if (value < 0) throw cellError(table, row, column, `${value} is negative`);
      if (value >= limit) throw cellError(table, row, column, `${value} is out of range, ${meaning}`);
      return value;
    };
    sample[i] = index(sampleColumn, MAX_SAMPLES, `at most ${MAX_SAMPLES} samples are taken`);
    const last = network.inputs - 1;
    source[i] = index(sourceColumn, network.inputs, `the network has sources 0 to ${last}`);
    const at = numberCell(table, row, timeColumn);
    if (at < 0) throw cellError(table, row, timeColumn, `${at} is negative`);
    if (at > network.duration) {
      const hint = "times are in µs from the start of the sample";
      throw cellError(table, row, timeColumn, `${at} lies after the sample of ${network.duration} us`, hint);
    }
    time[i] = at;
    samples = Math.max(samples, sample[i]! + 1);
  });
  return sortEvents(samples, sample, source, time);
}

function locateColumns(table: CsvTable): [number, number, number] {
  const unknown = table.header.find((name) => !(COLUMNS as readonly string[]).includes(name));
  const missing = COLUMNS.find((name) => !table.header.includes(name));
  if (missing !== undefined) {
    const meant = unknown === undefined ? undefined : suggest(unknown, [missing]);
    const hint =
      meant === undefined ? `columns are: ${COLUMNS.join(", ")}` : `is "${unknown}" meant to be it?`;
    throw new UserError("input-file", `column "${missing}" is missing`, { where: headerOf(table), hint });
  }
  if (unknown !== undefined) {
    const hint = `columns are: ${COLUMNS.join(", ")}`;
    throw new UserError("input-file", `unknown column "${unknown}"`, { where: headerOf(table), hint });
  }
  return COLUMNS.map((name) => table.header.indexOf(name)) as [number, number, number];
}

function headerOf(table: CsvTable) {
  return { file: table.file, line: 1, column: 1, text: table.header.join(",") };
}

function sortEvents(samples: number, sample: Int32Array, source: Int32Array, time: Float64Array): InputBatch {
  const order = Array.from(sample, (_, i) => i).sort(
    (a, b) => sample[a]! - sample[b]! || time[a]! - time[b]! || source[a]! - source[b]!,
  );
  const offset = new Int32Array(samples + 1);
  for (const each of sample) offset[each + 1] = offset[each + 1]! + 1;
  for (let i = 0; i < samples; i++) offset[i + 1] = offset[i + 1]! + offset[i]!;
  return {
    samples,
    offset,
    time: Float64Array.from(order, (event) => time[event]!),
    source: Int32Array.from(order, (event) => source[event]!),
    id: Int32Array.from({ length: samples }, (_, i) => i),
  };
}

/** The text of events.csv for some samples of a batch, under their numbers in the batch. */
export function eventsText({ offset, time, source }: InputBatch, samples: readonly number[]): string {
  const lines = samples.flatMap((sample) => {
    const events = [];
    for (let event = offset[sample]!; event < offset[sample + 1]!; event++) {
      events.push(`${sample},${source[event]},${time[event]}\n`);
    }
    return events;
  });
  return `${COLUMNS.join(",")}\n${lines.join("")}`;
}
