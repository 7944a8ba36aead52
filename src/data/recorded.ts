/** Labeled recordings of any format → parts of a data set. */

import { type Static, type TObject, Type } from "@sinclair/typebox";
import { UserError } from "../core/errors.ts";
import { type ClassNames, namedClasses } from "./classes.ts";
import { sortSpikes } from "./spike-batch.ts";
import { dealRows } from "./split.ts";
import type { DatasetSplits, EventData } from "./types.ts";

/** More sources than any recording here has. */
export const MAX_CHANNELS = 65_536;

const share = (split: string) =>
  Type.Number({ default: 0.15, minimum: 0, maximum: 0.9, description: `Share of the samples for ${split}.` });

/** How samples of one file are dealt. */
export const splitOptions = {
  validation: share("validation"),
  test: share("testing"),
  stratify: Type.Boolean({
    default: true,
    description: "Whether every class gives the same share to each part.",
  }),
  seed: Type.Integer({ default: 0, minimum: 0, maximum: 0xffffffff, description: "Seed of the split." }),
};

export type SplitOptions = Static<TObject<typeof splitOptions>>;

/** Spikes of all samples, in any order. */
export interface RecordedSamples {
  /** Class of each sample. */
  readonly labels: readonly string[];
  /** Of each spike. */
  readonly sample: Int32Array;
  readonly source: Int32Array;
  /** µs */
  readonly time: Float64Array;
  readonly channels: number;
}

/**
 * @param forTest samples at the end that are for testing, before others are dealt
 * @throws UserError("input-file") when there are fewer than two classes or no sample to train on
 */
export function eventSplits(
  all: RecordedSamples,
  options: SplitOptions,
  file: string,
  forTest = 0,
): DatasetSplits<EventData> {
  if (all.time.length === 0) throw new UserError("input-file", `${file} has no spikes`);
  const classes = namedClasses(all.labels, file);
  const own = all.labels.length - forTest;
  const parts = splitRows({ ...classes, labels: classes.labels.slice(0, own) }, options, file);
  const later = Int32Array.from({ length: forTest }, (_, i) => own + i);
  const events = eventsBySample(all);
  const pick = (rows: Int32Array): EventData => ({
    ...labeled(rows, classes),
    channels: all.channels,
    ...eventsOf(all, events, rows),
  });
  const test = pick(forTest > 0 ? later : parts.test);
  return { train: pick(parts.train), validation: pick(parts.validation), test };
}

/** The events of sample i are order[first[i]] … order[first[i+1]−1]. */
interface EventsBySample {
  readonly first: Int32Array;
  readonly order: Int32Array;
}

function eventsBySample({ labels, sample }: RecordedSamples): EventsBySample {
  const first = new Int32Array(labels.length + 1);
  for (const each of sample) first[each + 1]!++;
  for (let i = 0; i < labels.length; i++) first[i + 1]! += first[i]!;
  const next = first.slice();
  const order = new Int32Array(sample.length);
  sample.forEach((each, event) => {
    order[next[each]!++] = event;
  });
  return { first, order };
}

/** The events of the samples `rows`, each sample in ascending time. */
function eventsOf(all: RecordedSamples, { first, order }: EventsBySample, rows: Int32Array) {
  const offset = new Int32Array(rows.length + 1);
  rows.forEach((row, i) => {
    offset[i + 1] = offset[i]! + first[row + 1]! - first[row]!;
  });
  const time = new Float64Array(offset[rows.length]!);
  const source = new Int32Array(time.length);
  rows.forEach((row, i) => {
    for (let k = first[row]!, at = offset[i]!; k < first[row + 1]!; k++, at++) {
      time[at] = all.time[order[k]!]!;
      source[at] = all.source[order[k]!]!;
    }
    sortSpikes(time, source, offset[i]!, offset[i + 1]!);
  });
  return { offset, time, source };
}

/** All samples of a file with the classes of other data. */
export function allRecorded(
  all: RecordedSamples,
  { channels, classes, classNames }: EventData,
  classOf: (name: string) => number,
): EventData {
  const size = all.labels.length;
  const rows = Int32Array.from({ length: size }, (_, i) => i);
  const labels = Uint8Array.from(all.labels, classOf);
  return { size, classes, classNames, labels, channels, ...eventsOf(all, eventsBySample(all), rows) };
}

/** Size, classes and labels of the samples `rows`. */
export function labeled(rows: Int32Array, classes: ClassNames) {
  return {
    size: rows.length,
    classes: classes.names.length,
    classNames: classes.names,
    labels: Uint8Array.from(rows, (row) => classes.labels[row]!),
  };
}

/** @throws UserError("input-file") when none is left to train on */
export function splitRows(classes: ClassNames, options: SplitOptions, file: string) {
  const { validation, test, stratify, seed } = options;
  const labels = [...classes.labels];
  const parts = dealRows({ size: labels.length, validation, test, seed, ...(stratify ? { labels } : {}) });
  if (parts.train.length > 0) return parts;
  const hint = "lower `validation` and `test`, or add samples";
  throw new UserError("input-file", `${file}: ${labels.length} samples leave none to train on`, { hint });
}
