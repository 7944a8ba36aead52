/**
 * Features → input spikes: each feature becomes the time of one spike.
 *
 *     t_f = early + x_f (late − early)        (latency code, x in [0, 1])
 *
 * Source f carries feature f, in the order of the data set; a bias spike, at the same time in every sample, is
 * the last source. Spikes of a sample are in ascending time, equal times in ascending source. `early` after `late` is
 * allowed: then large features, such as bright pixels, come first.
 *
 * A chip that needs several synapse rows per source gets them from the projection (`rows`), not from here.
 */

import { type Static, type TObject, Type } from "@sinclair/typebox";
import { timeSchema } from "../core/quantity.ts";
import { member } from "../core/table.ts";
import { featuresOf } from "./features.ts";
import { spikeBatch } from "./spike-batch.ts";
import type { DatasetSplits, Encoder } from "./types.ts";

const options = {
  early: timeSchema({ default: "2 us", minimum: 0, description: "Time of the spike that carries 0." }),
  late: timeSchema({ default: "26 us", minimum: 0, description: "Time of the spike that carries 1." }),
  bias: Type.Optional(
    timeSchema({ minimum: 0, description: "Time of a spike that every sample has; none when absent." }),
  ),
  silentBelow: Type.Optional(
    Type.Number({
      minimum: 0,
      maximum: 1,
      description: "A feature below this makes no spike; every feature makes one when absent.",
    }),
  ),
};

type LatencyCode = Static<TObject<typeof options>>;

export const latency = member({
  kind: "latency",
  summary: "one spike per feature, between `early` for 0 and `late` for 1; optional bias spike",
  options,
  create: latencyEncoder,
});

export function latencyEncoder(code: LatencyCode, made: Pick<DatasetSplits, "train">): Encoder {
  const { early, late, bias, silentBelow = 0 } = code;
  const { featureCount } = featuresOf(made.train);
  return {
    inputs: bias === undefined ? featureCount : featureCount + 1,
    latest: Math.max(early, late, bias ?? 0),
    encode: (dataset) => {
      const { size, features } = featuresOf(dataset, featureCount);
      return spikeBatch(size, (sample, spike) => {
        for (let feature = 0; feature < featureCount; feature++) {
          const x = features[sample * featureCount + feature]!;
          if (x >= silentBelow) spike(feature, early + x * (late - early));
        }
        if (bias !== undefined) spike(featureCount, bias);
      });
    },
  };
}
