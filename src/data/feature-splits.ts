/** Features of all samples → parts of a data set, scaled as one quantity (pixels, not columns of a table). */

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
  options: SplitOptions & { readonly scale: "min-max" | "none" },
  file: string,
): DatasetSplits<FeatureData> {
  const featureCount = values.length / classes.labels.length;
  const parts = splitRows(classes, options, file);
  let [low, high] = options.scale === "none" ? [0, 1] : rangeOf(values, parts.train, featureCount);
  if (low === high) high = low + 1;
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
        const share = (values[row * featureCount + feature]! - low) / (high - low);
        features[sample * featureCount + feature] = Math.min(1, Math.max(0, share));
      }
    });
    return { ...labeled(rows, classes), featureCount, features };
  };
  return { train: pick(parts.train), validation: pick(parts.validation), test: pick(parts.test) };
}

function rangeOf(values: Float64Array, rows: Int32Array, featureCount: number): [low: number, high: number] {
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (const row of rows) {
    for (let at = row * featureCount; at < (row + 1) * featureCount; at++) {
      low = Math.min(low, values[at]!);
      high = Math.max(high, values[at]!);
    }
  }
  return [low, high];
}
