/**
 * Features → input spikes: each feature becomes the time of one spike.
 *
 *     t_f = early + x_f (late − early)        (latency code, x in [0, 1])
 *
 * Source f carries feature f, in the order of the data set; a bias spike, at the same time in every sample, is
 * the last source. Spikes of a sample are in ascending time, equal times in ascending source.
 *
 * A chip that needs several synapse rows per source gets them from the projection (`rows`), not from here.
 */

import { Type } from "@sinclair/typebox";
import { member } from "../core/family.ts";
import { timeSchema } from "../core/quantity.ts";
import type { Microseconds } from "../core/units.ts";
import type { InputBatch } from "../network/observation.ts";
import type { Dataset, Encoder } from "./types.ts";

export interface LatencyCode {
  /** Time of a spike that carries 0, and of one that carries 1. */
  readonly early: Microseconds;
  readonly late: Microseconds;
  /** Time of a spike that every sample has, from a source of its own; none when absent. */
  readonly bias?: Microseconds;
}

export const latency = member({
  kind: "latency",
  summary: "one spike per feature, between `early` for 0 and `late` for 1; optional bias spike",
  options: {
    early: timeSchema({ default: "2 us", minimum: 0, description: "Time of the spike that carries 0." }),
    late: timeSchema({ default: "26 us", minimum: 0, description: "Time of the spike that carries 1." }),
    bias: Type.Optional(
      timeSchema({ minimum: 0, description: "Time of a spike that every sample has; none when absent." }),
    ),
  },
  create: latencyEncoder,
});

export function latencyEncoder(code: LatencyCode, featureCount: number): Encoder {
  const { early, late, bias } = code;
  const inputs = bias === undefined ? featureCount : featureCount + 1;
  return {
    inputs,
    latest: Math.max(early, late, bias ?? 0),
    encode(dataset: Dataset): InputBatch {
      if (dataset.featureCount !== featureCount) {
        throw new Error(`made for ${featureCount} features, not ${dataset.featureCount}`);
      }
      const samples = dataset.size;
      const time = new Float64Array(samples * inputs);
      const source = new Int32Array(samples * inputs);
      const offset = new Int32Array(samples + 1);
      for (let sample = 0; sample < samples; sample++) {
        const start = sample * inputs;
        for (let feature = 0; feature < featureCount; feature++) {
          const x = dataset.features[sample * featureCount + feature]!;
          insert(time, source, start, feature, early + x * (late - early));
        }
        if (bias !== undefined) insert(time, source, start, featureCount, bias);
        offset[sample + 1] = start + inputs;
      }
      return { samples, offset, time, source, id: Int32Array.from({ length: samples }, (_, i) => i) };
    },
  };
}

/** Puts spike number `count` of a sample in its place among the earlier ones (insertion sort, stable). */
function insert(time: Float64Array, source: Int32Array, start: number, count: number, spike: number): void {
  let at = start + count;
  while (at > start && time[at - 1]! > spike) {
    time[at] = time[at - 1]!;
    source[at] = source[at - 1]!;
    at--;
  }
  time[at] = spike;
  source[at] = count;
}
