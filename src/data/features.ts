/** What encoders of features ask of a data set: numbers, and as many as they were made for. */

import { UserError } from "../core/errors.ts";
import { type Dataset, type FeatureData, isEventData } from "./types.ts";

/**
 * @param count features that the encoder was made for
 * @throws UserError("compatibility") when the data are recorded spikes
 */
export function featuresOf(data: Dataset, count?: number): FeatureData {
  if (isEventData(data)) {
    const hint = "write `encoding: { kind: events }`";
    throw new UserError("compatibility", "the data are recorded spikes, which need no code of features", {
      hint,
    });
  }
  if (count !== undefined && data.featureCount !== count)
    throw new Error(`made for ${count} features, not ${data.featureCount}`);
  return data;
}
