/** Samples with a cotangent, by the bin of a time grid that they fall in. */

import type { Cotangent } from "../loss/types.ts";
import type { Observation } from "../network/observation.ts";
import type { TimeGrid } from "./time-grid.ts";

export interface BinnedSamples {
  /** [bin] A sample of the bin, −1 when it has none. */
  readonly first: Int32Array;
  /** [sample] The next sample of the same bin, −1 after the last. */
  following: Int32Array;
  /** Overwrites both. */
  read(observation: Observation, cotangent: Cotangent): void;
}

export function createBinnedSamples(grid: TimeGrid): BinnedSamples {
  const samples: BinnedSamples = {
    first: new Int32Array(grid.bins),
    following: new Int32Array(64),
    read({ voltages: { count, time } }, { voltage }) {
      if (samples.following.length < count) samples.following = new Int32Array(2 * count);
      samples.first.fill(-1);
      for (let sample = 0; sample < count; sample++) {
        if (voltage[sample] === 0) continue;
        const bin = grid.binOf(time[sample]!);
        samples.following[sample] = samples.first[bin]!;
        samples.first[bin] = sample;
      }
    },
  };
  return samples;
}
