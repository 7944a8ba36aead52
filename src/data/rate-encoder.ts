/**
 * Rate code: feature x is a Poisson process of rate x · `rate` between `start` and `end`. A sample has the same spikes
 * in every epoch and on every machine: they are drawn from (seed, part of the data, sample).
 *
 * A dead time after each spike of a source, `refractory`, keeps spikes apart; it lowers high rates.
 */

import { type Static, type TObject, Type } from "@sinclair/typebox";
import { UserError } from "../core/errors.ts";
import { timeSchema } from "../core/option-schemas.ts";
import { stream } from "../core/random.ts";
import { member } from "../core/table.ts";
import { featuresOf } from "./features.ts";
import { spikeBatch } from "./spike-batch.ts";
import { type Dataset, type DatasetSplits, type Encoder, SPLITS } from "./types.ts";

const options = {
  rate: Type.Number({
    default: 0.2,
    exclusiveMinimum: 0,
    maximum: 1000,
    description: "Mean spikes per us of a feature of 1.",
  }),
  start: timeSchema({ default: "0 us", minimum: 0, description: "First possible time." }),
  end: timeSchema({ default: "30 us", above: 0, description: "No spike comes later." }),
  refractory: timeSchema({
    default: "0 us",
    minimum: 0,
    description: "Dead time after each spike of a source.",
  }),
  seed: Type.Integer({ default: 0, minimum: 0, maximum: 0xffffffff, description: "Of the spikes." }),
};

/** A sample with more spikes than this is taken for a slip of the rate. */
const MAX_SPIKES = 100_000;

export const rate = member({
  kind: "rate",
  summary: "a Poisson train per feature, its rate proportional to the feature; seeded",
  options,
  create: (code: Static<TObject<typeof options>>, made: DatasetSplits): Encoder => {
    const { start, end, refractory, seed } = code;
    const { featureCount } = featuresOf(made.train);
    if (end <= start)
      throw new UserError("experiment-physics", "`end` of the rate code is not after its `start`");
    if (featureCount * code.rate * (end - start) > MAX_SPIKES) {
      const hint = `lower \`encoding.rate\` to ${(MAX_SPIKES / featureCount / (end - start)).toPrecision(2)} or less`;
      throw new UserError("experiment-physics", `a sample could have more than ${MAX_SPIKES} spikes`, {
        hint,
      });
    }
    return {
      inputs: featureCount,
      latest: end,
      encode: (dataset) => {
        const { size, features } = featuresOf(dataset, featureCount);
        const part = partOf(made, dataset);
        return spikeBatch(size, (sample, spike) => {
          const draws = stream(seed, `data/rate/${part}`, sample);
          for (let feature = 0; feature < featureCount; feature++) {
            const density = features[sample * featureCount + feature]! * code.rate;
            if (density <= 0) continue;
            let time = start;
            for (;;) {
              time -= Math.log(1 - draws.uniform()) / density;
              if (time > end) break;
              spike(feature, time);
              time += refractory;
            }
          }
        });
      },
    };
  },
});

/** Other data than the encoder was made for have draws of their own. */
function partOf(made: DatasetSplits, dataset: Dataset): string {
  return SPLITS.find((split) => made[split] === dataset) ?? "other";
}
