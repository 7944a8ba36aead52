/**
 * Learned numbers beside the weights: delays of projections and constants of neurons. All that is learned is one flat
 * vector: the weights (layout of `Projection.offset`), then one segment after the other. So the optimizer, averages and
 * checkpoints carry them without knowing what they are.
 *
 * A segment holds θ of each of its values, which stays within its bounds and moves smoothly near them:
 *
 *     value = low + (high − low) σ(θ)        σ(θ) = 1/(1 + e^{−θ})
 */

export interface ParameterSegment {
  /** `"delay input>hidden"`, `"tauMem hidden"`: what it is and where. */
  readonly name: string;
  /** First place in the vector, and number of values. */
  readonly offset: number;
  readonly length: number;
  readonly low: number;
  readonly high: number;
  /** The first value of all. */
  readonly initial: number;
  /** Factor on the learning rate; 0 keeps the values. */
  readonly learningRate: number;
  /** Name of the constant and range of neurons that it belongs to; absent for delays. */
  readonly constant?: { readonly name: string; readonly start: number; readonly size: number };
}

/** Beyond this |θ| a value is at its bound to rounding. */
export const LARGEST_THETA = 40;

export function parameterValue({ low, high }: ParameterSegment, theta: number): number {
  return low + (high - low) / (1 + Math.exp(-theta));
}

/** d value/dθ. */
function parameterSlope({ low, high }: ParameterSegment, theta: number): number {
  const share = 1 / (1 + Math.exp(-theta));
  return (high - low) * share * (1 - share);
}

/** θ of a value within the bounds. */
export function parameterTheta({ low, high }: ParameterSegment, value: number): number {
  const theta = Math.log((value - low) / (high - value));
  return Math.min(Math.max(theta, -LARGEST_THETA), LARGEST_THETA);
}

/** Writes the first values of all segments behind the weights of `parameters`. */
export function writeInitial(segments: readonly ParameterSegment[], parameters: Float64Array): void {
  for (const segment of segments) {
    const { offset, length, initial } = segment;
    parameters.fill(parameterTheta(segment, initial), offset, offset + length);
  }
}

/** Whether a spike's delay is told apart by its source, its target, or both. */
export const DELAY_KINDS = ["none", "axonal", "dendritic", "synaptic"] as const;
export type DelayKind = (typeof DELAY_KINDS)[number];

// Values at the present parameters --------------------------------------------------------------------------

// The values of learned delays and constants (parameters.ts), computed again when the parameters have changed.

export interface ParameterValues {
  /** [place in the vector of parameters] The value; places of weights are not used. */
  readonly value: Float64Array;
  /** [place] d value/dθ. */
  readonly slope: Float64Array;
  /** Reads the parameters; returns whether any but the weights differ from those of the last call. */
  update(parameters: Float64Array): boolean;
}

export function createParameterValues({
  segments,
  parameters: length,
}: {
  readonly segments: readonly ParameterSegment[];
  /** Weights and all segments. */
  readonly parameters: number;
}): ParameterValues {
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
