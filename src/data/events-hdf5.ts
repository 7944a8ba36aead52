/**
 * Recorded spikes in HDF5 as the Heidelberg data sets SHD and SSC have them (Cramer et al. 2022, IEEE TNNLS 33,
 * zenkelab.org/datasets): `spikes/times` and `spikes/units` with one row of its own length per sample, `labels` with a
 * number per sample, and, if there, `extra/keys` with the names of the classes.
 *
 * Recordings have more channels and spikes than a chip takes. `channels` joins neighboring ones into one source, and
 * `bin` counts spikes of a source that fall into the same stretch of time once.
 */

import { type Static, type TObject, Type } from "@sinclair/typebox";
import { UserError } from "../core/errors.ts";
import { choiceSchema, fileSchema, timeSchema } from "../core/option-schemas.ts";
import { member } from "../core/table.ts";
import { type Hdf5Array, readHdf5 } from "./hdf5/read.ts";
import { eventSplits, MAX_CHANNELS, type RecordedSamples, splitOptions } from "./recorded.ts";
import type { DatasetSplits, EventData } from "./types.ts";

const MICROSECONDS = { s: 1e6, ms: 1e3, us: 1 } as const;

const options = {
  path: fileSchema({ description: "An HDF5 file." }),
  testPath: Type.Optional(
    fileSchema({ description: "A file with the samples for testing; then `test` is not used." }),
  ),
  times: Type.String({ default: "spikes/times", description: "Array of times, a row per sample." }),
  units: Type.String({ default: "spikes/units", description: "Array of channels, as long as the times." }),
  labels: Type.String({ default: "labels", description: "Array of classes, a number per sample." }),
  keys: Type.String({ default: "extra/keys", description: "Array of the classes' names, if there is one." }),
  timeUnit: choiceSchema(["s", "ms", "us"], { default: "s", description: "Unit of the times in the file." }),
  recorded: Type.Optional(
    Type.Integer({
      minimum: 1,
      maximum: MAX_CHANNELS,
      description: "Channels of the recording, 700 in SHD (default: the largest one that spikes).",
    }),
  ),
  channels: Type.Optional(
    Type.Integer({
      minimum: 1,
      maximum: MAX_CHANNELS,
      description: "Sources: neighboring channels are joined (default: one for each channel).",
    }),
  ),
  bin: Type.Optional(
    timeSchema({
      above: 0,
      description: "Spikes of a source within a bin of this much recorded time count once, at its middle.",
    }),
  ),
  limit: Type.Optional(
    Type.Integer({
      minimum: 1,
      maximum: 10_000_000,
      description: "Samples used of each file, the first ones (default: all).",
    }),
  ),
  ...splitOptions,
};

type Options = Static<TObject<typeof options>>;

export const eventsHdf5 = member({
  kind: "events-hdf5",
  summary: "recorded spikes in HDF5 as SHD and SSC have them: times, units, labels",
  options,
  create: (chosen: Options): DatasetSplits<EventData> => {
    const { path, testPath } = chosen;
    const files = [path, ...(testPath === undefined ? [] : [testPath])];
    const [main, test] = pooled(
      files.map((file) => recordedSamples(file, chosen)),
      chosen,
    );
    if (test === undefined) return eventSplits(main!, chosen, path);
    return eventSplits(joined(main!, test), { ...chosen, test: 0 }, path, test.labels.length);
  },
});

/** The samples of `second` after those of `first`. */
function joined(first: RecordedSamples, second: RecordedSamples): RecordedSamples {
  const both = <T extends Int32Array | Float64Array>(all: T, own: T, other: T): T => {
    all.set(own);
    all.set(other, own.length);
    return all;
  };
  const count = first.time.length + second.time.length;
  const later = second.sample.map((sample) => sample + first.labels.length);
  return {
    labels: [...first.labels, ...second.labels],
    sample: both(new Int32Array(count), first.sample, later),
    source: both(new Int32Array(count), first.source, second.source),
    time: both(new Float64Array(count), first.time, second.time),
    channels: Math.max(first.channels, second.channels),
  };
}

/** Channels as they are in the file. @throws UserError("input-file") naming array, sample and entry */
function recordedSamples(file: string, chosen: Options): RecordedSamples {
  const { times, units, labels, keys, limit } = chosen;
  const rows = limit === undefined ? {} : { rows: limit };
  const arrays = readHdf5(file, [
    { path: labels, ...rows },
    { path: times, ...rows },
    { path: units, ...rows },
    { path: keys },
  ]);
  const time = rowsOf(file, times, arrays.get(times));
  const unit = rowsOf(file, units, arrays.get(units));
  const classes = labelsOf(file, labels, arrays.get(labels), arrays.get(keys));
  for (const [name, { lengths }] of [
    [times, time],
    [units, unit],
  ] as const) {
    if (lengths.length !== classes.length)
      throw new UserError(
        "input-file",
        `${file}: ${name} has ${lengths.length} samples, ${labels} ${classes.length}`,
      );
  }
  const scale = MICROSECONDS[chosen.timeUnit];
  const sample = new Int32Array(time.values.length);
  let at = 0;
  time.lengths.forEach((length, i) => {
    if (unit.lengths[i] !== length)
      throw new UserError(
        "input-file",
        `${file}, sample ${i}: ${times} has ${length} entries, ${units} ${unit.lengths[i]}`,
      );
    for (let k = 0; k < length; k++, at++) {
      const [value, channel] = [time.values[at]!, unit.values[at]!];
      if (!(value >= 0 && Number.isFinite(value * scale)))
        throw new UserError("input-file", `${file}, ${times}, sample ${i}, entry ${k}: ${value} is no time`);
      if (!(Number.isInteger(channel) && channel >= 0 && channel < (chosen.recorded ?? MAX_CHANNELS)))
        throw new UserError(
          "input-file",
          `${file}, ${units}, sample ${i}, entry ${k}: ${channel} is no channel from 0 to ${(chosen.recorded ?? MAX_CHANNELS) - 1}`,
        );
      sample[at] = i;
    }
  });
  return {
    labels: classes,
    sample,
    source: Int32Array.from(unit.values),
    time: time.values.map((value) => value * scale),
    channels: unit.values.reduce((most, each) => Math.max(most, each + 1), 0),
  };
}

function missing(file: string, path: string): UserError {
  return new UserError("input-file", `${file} has no array ${path}`, {
    hint: "name the arrays with `times`, `units` and `labels`; `h5ls -r` lists what a file has",
  });
}

/** Rows of their own lengths; an array of two dimensions has rows of one length. */
function rowsOf(file: string, path: string, array: Hdf5Array | undefined) {
  if (array === undefined) throw missing(file, path);
  if (array.kind !== "numbers" || (array.lengths === undefined && array.shape.length !== 2))
    throw new UserError("input-file", `${file}: ${path} does not hold rows of numbers`);
  const { values, shape, lengths = new Array<number>(shape[0]!).fill(shape[1]!) } = array;
  return { values, lengths };
}

function labelsOf(
  file: string,
  path: string,
  array: Hdf5Array | undefined,
  keys: Hdf5Array | undefined,
): string[] {
  if (array === undefined) throw missing(file, path);
  if (array.shape.length !== 1 || (array.kind === "numbers" && array.lengths !== undefined))
    throw new UserError("input-file", `${file}: ${path} does not hold one class per sample`);
  if (array.kind === "strings") return [...array.strings];
  const names = keys?.kind === "strings" ? keys.strings : [];
  return Array.from(array.values, (label) => names[label] ?? String(label));
}

/** Joins neighboring channels, the same in all files, and spikes of a bin. */
function pooled(files: readonly RecordedSamples[], { recorded, channels, bin }: Options): RecordedSamples[] {
  const before = recorded ?? Math.max(...files.map((each) => each.channels));
  const after = Math.min(channels ?? before, before);
  return files.map((file) => {
    const source =
      after === before ? file.source : file.source.map((each) => Math.floor((each * after) / before));
    const fewer = { ...file, source, channels: after };
    return bin === undefined ? fewer : binned(fewer, bin);
  });
}

function binned(all: RecordedSamples, bin: number): RecordedSamples {
  const seen = new Set<string>();
  const kept: number[] = [];
  let sample = -1;
  all.time.forEach((time, event) => {
    // Events of a sample stand together.
    if (all.sample[event] !== sample) seen.clear();
    sample = all.sample[event]!;
    const key = `${all.source[event]},${Math.floor(time / bin)}`;
    if (seen.has(key)) return;
    seen.add(key);
    kept.push(event);
  });
  return {
    ...all,
    sample: Int32Array.from(kept, (event) => all.sample[event]!),
    source: Int32Array.from(kept, (event) => all.source[event]!),
    time: Float64Array.from(kept, (event) => (Math.floor(all.time[event]! / bin) + 0.5) * bin),
  };
}
