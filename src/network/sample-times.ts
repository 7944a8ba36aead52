/** The times at which a `RecordingRequest` wants samples, kept between samples of the same request. */

import type { Microseconds } from "../core/units.ts";
import type { RecordingRequest } from "./observation.ts";

export interface SampleTimes {
  /** Ascending; empty for `none` and `maximum`. Throws a plain Error on times outside [0, duration]. */
  of(request: RecordingRequest): Float64Array;
}

export function createSampleTimes(duration: Microseconds): SampleTimes {
  let known: RecordingRequest | undefined;
  let times: Float64Array = new Float64Array(0);
  return {
    of(request) {
      if (request !== known) {
        times = sampleTimes(request, duration);
        known = request;
      }
      return times;
    },
  };
}

function sampleTimes(request: RecordingRequest, duration: Microseconds): Float64Array {
  switch (request.kind) {
    case "none":
    case "maximum":
      return new Float64Array(0);
    case "grid":
      return Float64Array.from(
        { length: Math.ceil(duration / request.period) },
        (_, step) => step * request.period,
      ).filter((time) => time < duration);
    case "at": {
      let last = 0;
      for (const time of request.times) {
        if (!(time >= last && time <= duration)) {
          throw new Error(`sample time ${time} us is outside 0 to ${duration} us or not ascending`);
        }
        last = time;
      }
      return Float64Array.from(request.times);
    }
    default:
      throw new Error(`no such recording request: ${String(request satisfies never)}`);
  }
}
