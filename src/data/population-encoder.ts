/**
 * Population code: each feature is seen by several sources, each with a Gaussian field of its own; the nearer the
 * feature to the center of a field, the earlier its source spikes. (Bohte, Kok and La Poutré 2002, Neurocomputing 48.)
 *
 *     center_i = i / (n − 1),   width = 1 / (overlap (n − 1)),   a_i = exp(−(x − center_i)² / (2 width²))
 *     t_i = early + (1 − a_i) (late − early),   no spike when a_i < silentBelow
 *
 * Source f·n + i is field i of feature f; a bias spike is the last source.
 */

import { type Static, type TObject, Type } from "@sinclair/typebox";
import { timeSchema } from "../core/option-schemas.ts";
import { member } from "../core/table.ts";
import { featuresOf } from "./features.ts";
import { spikeBatch } from "./spike-batch.ts";
import type { DatasetSplits, Encoder } from "./types.ts";

const options = {
  fields: Type.Integer({ default: 5, minimum: 2, maximum: 64, description: "Sources per feature." }),
  overlap: Type.Number({
    default: 1.5,
    exclusiveMinimum: 0,
    description: "Distance of two centers over the width of a field.",
  }),
  early: timeSchema({
    default: "2 us",
    minimum: 0,
    description: "Time of the spike at the center of a field.",
  }),
  late: timeSchema({ default: "26 us", minimum: 0, description: "Time of the spike far from it." }),
  silentBelow: Type.Number({
    default: 0.1,
    minimum: 0,
    maximum: 1,
    description: "A source whose field answers less than this is silent.",
  }),
  bias: Type.Optional(
    timeSchema({ minimum: 0, description: "Time of a spike that every sample has (default: none)." }),
  ),
};

export const population = member({
  kind: "population",
  summary: "several sources per feature, each with its own Gaussian field; near features come early",
  options,
  create: (code: Static<TObject<typeof options>>, made: Pick<DatasetSplits, "train">): Encoder => {
    const { fields, overlap, early, late, silentBelow, bias } = code;
    const { featureCount } = featuresOf(made.train);
    const width = 1 / (overlap * (fields - 1));
    const sources = featureCount * fields;
    return {
      inputs: bias === undefined ? sources : sources + 1,
      latest: Math.max(early, late, bias ?? 0),
      encode: (dataset) => {
        const { size, features } = featuresOf(dataset, featureCount);
        return spikeBatch(size, (sample, spike) => {
          for (let feature = 0; feature < featureCount; feature++) {
            for (let field = 0; field < fields; field++) {
              const distance = (features[sample * featureCount + feature]! - field / (fields - 1)) / width;
              const answer = Math.exp(-0.5 * distance * distance);
              if (answer >= silentBelow)
                spike(feature * fields + field, early + (1 - answer) * (late - early));
            }
          }
          if (bias !== undefined) spike(sources, bias);
        });
      },
    };
  },
});
