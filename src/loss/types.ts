/** The seam of losses: a loss turns an observation into a value and a cotangent. Pure mathematics; no chip, no file, no clock. */

import type { Observation, VoltageNeed } from "../network/observation.ts";

/** ∂L/∂(what was observed), aligned entry by entry with the observation. */
export interface Cotangent {
  /** ∂L/∂t of each entry of `observation.spikes`; at least as long, zero where nothing depends. */
  spike: Float64Array;
  /** ∂L/∂V of each entry of `observation.voltages`. */
  voltage: Float64Array;
}

/** Value of a loss on one sample, by its parts. */
export interface LossValue {
  /** classification + regularisation. */
  total: number;
  classification: number;
  regularisation: number;
  /** Predicted class; −1 when the loss predicts none, no output answered, or several share the best score. */
  prediction: number;
  /** Output neurons that gave nothing to judge (no spike, no sample). */
  missingOutputs: number;
}

/** A loss made for one network. Implementations allocate at creation only. */
export interface Loss {
  /** Whether the loss reads spike times of the output population. */
  readonly readsSpikes: boolean;
  /** Samples wanted of the output population's membranes. */
  readonly voltages: VoltageNeed;
  /** The population that the loss reads. */
  readonly output: string;
  /** What the cotangent leaves out of the derivative of the value, by choice; absent when it is the derivative. */
  readonly leavesOut?: string;
  /**
   * Score of each output neuron in the sample that `evaluate` saw last; larger is better, and the prediction is the
   * largest of the outputs that answered. Overwritten by the next sample; empty for losses that predict no class.
   */
  readonly scores: Float64Array;
  /**
   * Writes value and cotangent of one sample. `cotangent` arrays are grown when too short and overwritten
   * up to the observation's counts.
   */
  evaluate(observation: Observation, label: number, cotangent: Cotangent, value: LossValue): void;
}
