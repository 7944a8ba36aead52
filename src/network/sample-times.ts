/** The times at which a `VoltageNeed` wants samples, kept between samples of the same need. */

import type { Microseconds } from "../core/units.ts";
import type { VoltageNeed } from "./observation.ts";

export interface SampleTimes {
  /** Ascending; empty for `none` and `maximum`. Throws a plain Error on times outside [0, duration]. */
  of(need: VoltageNeed): Float64Array;
}

export function createSampleTimes(duration: Microseconds): SampleTimes {
  let known: VoltageNeed | undefined;
  let times: Float64Array = new Float64Array(0);
  return {
    of(need) {
      if (need !== known) {
        times = sampleTimes(need, duration);
        known = need;
      }
      return times;
    },
  };
}

function sampleTimes(need: VoltageNeed, duration: Microseconds): Float64Array {
  switch (need.kind) {
    case "none":
    case "maximum":
      return new Float64Array(0);
    case "grid":
      return Float64Array.from(
        { length: Math.ceil(duration / need.period) },
        (_, step) => step * need.period,
      ).filter((time) => time < duration);
    case "at": {
      let last = 0;
      for (const time of need.times) {
        if (!(time >= last && time <= duration)) {
          throw new Error(`sample time ${time} us is outside 0 to ${duration} us or not ascending`);
        }
        last = time;
      }
      return Float64Array.from(need.times);
    }
    default:
      throw new Error(`no such voltage need: ${String(need satisfies never)}`);
  }
}
