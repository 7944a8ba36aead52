/**
 * The constants of neurons, one array entry per neuron. Times are in µs; potentials and currents are in model units
 * (leak 0, nominal threshold 1, a current is the potential that it would hold).
 */

/** The constants that every model has; those of a chip's neurons are measured by its calibration. */
export interface NeuronConstants {
  readonly tauMem: Float64Array;
  readonly tauSynExc: Float64Array;
  readonly tauSynInh: Float64Array;
  /** Infinity for neurons that never spike (LI). */
  readonly threshold: Float64Array;
  readonly reset: Float64Array;
  readonly refractory: Float64Array;
}

export type ConstantName = keyof NeuronConstants;

/**
 * What only some models have, each with the value that takes its effect away:
 *
 *     τ_m V̇ = F(V) + E + I − w      τ_w ẇ = a V − w      τ_h ḣ = −h      spike where V reaches ϑ + h;  w += b, h += c
 *
 * with F(V) = −V, plus Δ exp((V − V_T)/Δ) in AdEx, plus q V² in QIF.
 */
export const NEUTRAL = {
  /** a. */
  adaptation: 0,
  /** b. */
  adaptationJump: 0,
  /** τ_w. */
  tauAdaptation: 1,
  /** c. */
  thresholdJump: 0,
  /** τ_h. */
  tauThreshold: 1,
  /** V_T, where the exponential current takes over. */
  exponentialThreshold: 0,
  /** Δ; 0 is no exponential current. */
  slopeFactor: 0,
  /** q. */
  curvature: 0,
  /** Largest error of one step of the numerical solution, relative to 1 + |V|; not a constant of the equations. */
  tolerance: 1e-6,
} as const;

export type ExtraName = keyof typeof NEUTRAL;
export type ExtraConstants = { readonly [name in ExtraName]: Float64Array };

export const EXTRA_NAMES = Object.keys(NEUTRAL) as readonly ExtraName[];
