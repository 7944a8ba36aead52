/**
 * What a data set is and how it becomes input spikes. First station of the data path: features → spike
 * times. Knows nothing of networks' weights, losses or chips.
 */

import type { Microseconds } from "../core/units.ts";
import type { InputBatch } from "../network/observation.ts";

/** Labelled samples. */
export interface Dataset {
  readonly size: number;
  readonly featureCount: number;
  readonly classes: number;
  /** Name of each class, as the data has it. */
  readonly classNames: readonly string[];
  /** `features[sample * featureCount + feature]`, in [0, 1]. */
  readonly features: Float64Array;
  /** Class of each sample, 0 … classes−1. */
  readonly labels: Uint8Array;
}

export const SPLITS = ["train", "validation", "test"] as const;
export type Split = (typeof SPLITS)[number];

/** The three parts of a data set; all have the same features and classes, and train is never empty. */
export type DatasetSplits = Readonly<Record<Split, Dataset>>;

/** Turns features into input spikes. */
export interface Encoder {
  /** Number of input sources. */
  readonly inputs: number;
  /** No spike comes later; must lie within the sample. */
  readonly latest: Microseconds;
  /** Spikes of all samples of `dataset`; the identity of a sample is its place in the data set. */
  encode(dataset: Dataset): InputBatch;
}
