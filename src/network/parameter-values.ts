/** The values of learned delays and constants (parameters.ts), computed again when the parameters have changed. */

import type { Network } from "./network.ts";
import { parameterSlope, parameterValue } from "./parameters.ts";

export interface ParameterValues {
  /** [place in the vector of parameters] The value; places of weights are not used. */
  readonly value: Float64Array;
  /** [place] d value/dθ. */
  readonly slope: Float64Array;
  /** Reads the parameters; returns whether any but the weights differ from those of the last call. */
  update(parameters: Float64Array): boolean;
}

export function createParameterValues({ segments, parameters: length }: Network): ParameterValues {
  const value = new Float64Array(length);
  const slope = new Float64Array(length);
  const known = new Float64Array(length).fill(Number.NaN);
  return {
    value,
    slope,
    update(parameters) {
      let changed = false;
      for (const segment of segments) {
        const end = segment.offset + segment.length;
        for (let place = segment.offset; place < end; place++) {
          const theta = parameters[place]!;
          if (theta === known[place]) continue;
          known[place] = theta;
          value[place] = parameterValue(segment, theta);
          slope[place] = parameterSlope(segment, theta);
          changed = true;
        }
      }
      return changed;
    },
  };
}
