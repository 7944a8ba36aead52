/**
 * What a data set is and how it becomes input spikes. First station of the data path: features or events → spike
 * times. Knows nothing of networks' weights, losses or chips.
 */

import type { Microseconds } from "../core/units.ts";
import type { InputBatch } from "../network/observation.ts";

/** Labeled samples. */
interface Labeled {
  readonly size: number;
  readonly classes: number;
  /** Name of each class, as the data has it. */
  readonly classNames: readonly string[];
  /** Class of each sample, 0 … classes−1. */
  readonly labels: Uint8Array;
}

/** Samples of numbers. */
export interface FeatureData extends Labeled {
  readonly featureCount: number;
  /** `features[sample * featureCount + feature]`, in [0, 1]. */
  readonly features: Float64Array;
}

/** Samples of recorded spikes. */
export interface EventData extends Labeled {
  /** Sources 0 … channels−1. */
  readonly channels: number;
  /** Events of sample i are offset[i] … offset[i+1]−1, in ascending time, equal times in ascending source. */
  readonly offset: Int32Array;
  /** In µs of the recording; the encoder `events` scales them to a sample of the network. */
  readonly time: Float64Array;
  readonly source: Int32Array;
}

export type Dataset = FeatureData | EventData;

export function isEventData(data: Dataset): data is EventData {
  return "channels" in data;
}

export const SPLITS = ["train", "validation", "test"] as const;
export type Split = (typeof SPLITS)[number];

/** The three parts of a data set; all have the same features (or channels) and classes, and train is never empty. */
export type DatasetSplits<Kind extends Dataset = Dataset> = Readonly<Record<Split, Kind>> & {
  /** What a user should know: rows that were left out. */
  readonly notes?: readonly string[];
  /**
   * Reads further samples from a file of the same form, prepared like these: same features, scales and classes. Data sets
   * without it take a plain table (more-samples.ts). @throws UserError("input-file")
   */
  readonly readMore?: (path: string) => Kind;
};

/** Turns samples into input spikes. */
export interface Encoder {
  /** Number of input sources. */
  readonly inputs: number;
  /** No spike comes later; must lie within the sample. */
  readonly latest: Microseconds;
  /** Spikes of all samples of `dataset`; the identity of a sample is its place in the data set. */
  encode(dataset: Dataset): InputBatch;
}
