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

/** @throws UserError("input-file") when there are fewer than two classes or no sample to train on */
export function eventSplits(
  all: RecordedSamples,
  options: SplitOptions,
  file: string,
): DatasetSplits<EventData> {
  if (all.time.length === 0) throw new UserError("input-file", `${file} has no spikes`);
  const classes = namedClasses(all.labels, file);
  const parts = splitRows(classes, options, file);
  const bySample = Array.from({ length: all.labels.length }, (): number[] => []);
  all.sample.forEach((sample, i) => {
    bySample[sample]!.push(i);
  });
  const pick = (rows: Int32Array): EventData => {
    const offset = new Int32Array(rows.length + 1);
    rows.forEach((row, i) => {
      offset[i + 1] = offset[i]! + bySample[row]!.length;
    });
    const time = new Float64Array(offset[rows.length]!);
    const source = new Int32Array(time.length);
    rows.forEach((row, i) => {
      bySample[row]!.forEach((event, k) => {
        time[offset[i]! + k] = all.time[event]!;
        source[offset[i]! + k] = all.source[event]!;
      });
      sortSpikes(time, source, offset[i]!, offset[i + 1]!);
    });
    return { ...labeled(rows, classes), channels: all.channels, offset, time, source };
  };
  return { train: pick(parts.train), validation: pick(parts.validation), test: pick(parts.test) };
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
