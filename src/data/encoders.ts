/**
 * Features → input spikes: each feature becomes the time of a spike.
 *
 *     t_f = early + x_f (late − early)        (latency code, x in [0, 1])
 *
 * With `spikes` above 1 the source of a feature spikes again every `spacing` after t_f: a burst at a time that carries the
 * number, which moves a membrane further than one spike.
 *
 * Sources f · copies … f · copies + copies − 1 carry feature f, in the order of the data set; those of a bias spike, at
 * the same time in every sample, are the last. Spikes of a sample are in ascending time, equal times in ascending source.
 * `early` after `late` is allowed: then large features, such as bright pixels, come first.
 *
 * A weight beyond the range of one synapse needs several rows of a chip. They come from the projection (`rows`), where
 * one event reaches all rows of a source, or from `copies`, as published programs do it: every copy has an event and
 * weights of its own. The latter costs events, and an event that is lost or of the wrong strength is one of several.
 */

import { type Static, type TObject, Type } from "@sinclair/typebox";
import { timeSchema } from "../core/option-schemas.ts";
import { member } from "../core/table.ts";
import { featuresOf } from "./features.ts";
import { spikeBatch } from "./spike-batch.ts";
import type { DatasetSplits, Encoder } from "./types.ts";

const options = {
  early: timeSchema({ default: "2 us", minimum: 0, description: "Time of the spike that carries 0." }),
  late: timeSchema({ default: "26 us", minimum: 0, description: "Time of the spike that carries 1." }),
  bias: Type.Optional(
    timeSchema({ minimum: 0, description: "Time of a spike that every sample has (default: none)." }),
  ),
  silentBelow: Type.Optional(
    Type.Number({
      minimum: 0,
      maximum: 1,
      description: "A feature below this makes no spike (default: every feature makes one).",
    }),
  ),
  spikes: Type.Integer({
    default: 1,
    minimum: 1,
    maximum: 64,
    description: "Spikes of each feature; the first one carries the number.",
  }),
  spacing: timeSchema({
    default: "1 us",
    above: 0,
    description: "Time between two spikes of a feature.",
  }),
  copies: Type.Integer({
    default: 1,
    minimum: 1,
    maximum: 16,
    description: "Sources of each feature and of the bias, with the same times and weights of their own.",
  }),
};

type LatencyOptions = Static<TObject<typeof options>>;
type Repeats = "copies" | "spikes" | "spacing";
type LatencyCode = Omit<LatencyOptions, Repeats> & Partial<Pick<LatencyOptions, Repeats>>;

export const latency = member({
  kind: "latency",
  summary: "a spike (or several) per feature, between `early` for 0 and `late` for 1; optional bias spike",
  options,
  create: latencyEncoder,
});

export function latencyEncoder(code: LatencyCode, made: Pick<DatasetSplits, "train">): Encoder {
  const { early, late, bias, silentBelow = 0, copies = 1, spikes = 1, spacing = 1 } = code;
  const { featureCount } = featuresOf(made.train);
  return {
    inputs: copies * (bias === undefined ? featureCount : featureCount + 1),
    latest: Math.max(Math.max(early, late) + (spikes - 1) * spacing, bias ?? 0),
    encode: (dataset) => {
      const { size, features } = featuresOf(dataset, featureCount);
      return spikeBatch(size, (sample, spike) => {
        const send = (feature: number, time: number): void => {
          for (let copy = 0; copy < copies; copy++) spike(feature * copies + copy, time);
        };
        for (let feature = 0; feature < featureCount; feature++) {
          const x = features[sample * featureCount + feature]!;
          if (x < silentBelow) continue;
          for (let k = 0; k < spikes; k++) send(feature, early + x * (late - early) + k * spacing);
        }
        if (bias !== undefined) send(featureCount, bias);
      });
    },
  };
}
