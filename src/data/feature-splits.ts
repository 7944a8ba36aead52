/** Features of all samples → parts of a data set, scaled as one quantity (pixels) or each on its own (measurements). */

import { UserError } from "../core/errors.ts";
import type { ClassNames } from "./classes.ts";
import { labeled, type SplitOptions, splitRows } from "./recorded.ts";
import type { DatasetSplits, FeatureData } from "./types.ts";

/**
 * @param values `values[sample * features + feature]`
 * @throws UserError("input-file") naming the sample that has no number, or one outside 0 … 1 that is not scaled
 */
export function featureSplits(
  values: Float64Array,
  classes: ClassNames,
  options: SplitOptions & { readonly scale: "min-max" | "per-feature" | "none" },
  file: string,
): DatasetSplits<FeatureData> {
  const featureCount = values.length / classes.labels.length;
  const parts = splitRows(classes, options, file);
  const ranges = rangesOf(values, parts.train, featureCount, options.scale);
  const wrong = values.findIndex(
    (value) => !Number.isFinite(value) || (options.scale === "none" && (value < 0 || value > 1)),
  );
  if (wrong >= 0) {
    const [sample, feature] = [Math.floor(wrong / featureCount), wrong % featureCount];
    const hint = Number.isFinite(values[wrong]) ? "set `scale: min-max`" : "features must be finite numbers";
    throw new UserError(
      "input-file",
      `${file}, sample ${sample}, feature ${feature}: ${values[wrong]} is outside 0 … 1`,
      { hint },
    );
  }
  const pick = (rows: Int32Array): FeatureData => {
    const features = new Float64Array(rows.length * featureCount);
    rows.forEach((row, sample) => {
      for (let feature = 0; feature < featureCount; feature++) {
        const [low, high] = ranges[feature]!;
        const share = (values[row * featureCount + feature]! - low) / (high - low);
        features[sample * featureCount + feature] = Math.min(1, Math.max(0, share));
      }
    });
    return { ...labeled(rows, classes), featureCount, features };
  };
  return { train: pick(parts.train), validation: pick(parts.validation), test: pick(parts.test) };
}

type Range = readonly [low: number, high: number];

/** What becomes 0 and 1, for each feature; a constant becomes 0. */
function rangesOf(values: Float64Array, rows: Int32Array, featureCount: number, scale: string): Range[] {
  const found = Array.from({ length: featureCount }, () =>
    scale === "none" ? [0, 1] : [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY],
  );
  if (scale !== "none")
    for (const row of rows) {
      found.forEach((range, feature) => {
        const value = values[row * featureCount + feature]!;
        range[0] = Math.min(range[0]!, value);
        range[1] = Math.max(range[1]!, value);
      });
    }
  if (scale === "min-max") {
    const low = found.reduce((least, range) => Math.min(least, range[0]!), Number.POSITIVE_INFINITY);
    const high = found.reduce((most, range) => Math.max(most, range[1]!), Number.NEGATIVE_INFINITY);
    found.fill([low, high]);
  }
  return found.map(([low, high]) => [low!, low === high ? low! + 1 : high!]);
}
