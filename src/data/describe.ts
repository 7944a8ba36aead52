/** What a data set holds and what its encoder makes of it, in numbers: for people who look at data before they train. */

import type { InputBatch } from "../network/observation.ts";
import { type DatasetSplits, type Encoder, isEventData, SPLITS, type Split } from "./types.ts";

export interface DataDescription {
  readonly classes: readonly (Readonly<Record<Split, number>> & { readonly name: string })[];
  readonly samples: Readonly<Record<Split, number>>;
  /** Of features, over the training samples, after scaling to 0 … 1; or of recorded spikes, in µs of the recording. */
  readonly values:
    | { readonly kind: "features"; readonly features: readonly Range[] }
    | { readonly kind: "events"; readonly channels: number; readonly events: number; readonly time: Range };
  /** Of the training samples. */
  readonly encoded: {
    readonly sources: number;
    readonly spikesPerSample: Range;
    /** Samples without any spike. */
    readonly silentSamples: number;
    /** Sources that never spike. */
    readonly silentSources: number;
    /** µs of network time; NaN without spikes. */
    readonly time: Range;
  };
  readonly notes: readonly string[];
}

export interface Range {
  readonly low: number;
  readonly mean: number;
  readonly high: number;
}

export function describeData(data: DatasetSplits, encoder: Encoder, train: InputBatch): DataDescription {
  const samples = { train: data.train.size, validation: data.validation.size, test: data.test.size };
  const counts = SPLITS.map((split) => {
    const count = new Array<number>(data.train.classes).fill(0);
    for (const label of data[split].labels) count[label]!++;
    return count;
  });
  const classes = data.train.classNames.map((name, i) => ({
    name,
    train: counts[0]![i]!,
    validation: counts[1]![i]!,
    test: counts[2]![i]!,
  }));
  const perSample = Array.from({ length: train.samples }, (_, i) => train.offset[i + 1]! - train.offset[i]!);
  const spiking = new Set(train.source);
  return {
    classes,
    samples,
    values: valuesOf(data),
    encoded: {
      sources: encoder.inputs,
      spikesPerSample: rangeOf(perSample),
      silentSamples: perSample.filter((count) => count === 0).length,
      silentSources: encoder.inputs - spiking.size,
      time: rangeOf(train.time),
    },
    notes: data.notes ?? [],
  };
}

function valuesOf({ train }: DatasetSplits): DataDescription["values"] {
  if (isEventData(train))
    return { kind: "events", channels: train.channels, events: train.time.length, time: rangeOf(train.time) };
  const { size, featureCount, features } = train;
  const column = (feature: number) =>
    Float64Array.from({ length: size }, (_, sample) => features[sample * featureCount + feature]!);
  return {
    kind: "features",
    features: Array.from({ length: featureCount }, (_, feature) => rangeOf(column(feature))),
  };
}

/** NaN when there are no values. */
function rangeOf(values: ArrayLike<number>): Range {
  let [low, high, sum] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 0];
  for (let i = 0; i < values.length; i++) {
    low = Math.min(low, values[i]!);
    high = Math.max(high, values[i]!);
    sum += values[i]!;
  }
  return values.length === 0
    ? { low: Number.NaN, mean: Number.NaN, high: Number.NaN }
    : { low, mean: sum / values.length, high };
}
