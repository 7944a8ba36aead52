/**
 * The seams of learning: losses turn an observation into a value and a cotangent, estimators turn the
 * cotangent into a gradient of the weights. Pure mathematics on observations; no chip, no file, no clock.
 */

import type { Network } from "../network/network.ts";
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
  /** Predicted class, −1 when the loss has none or no output answered. */
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
   * Writes value and cotangent of one sample. `cotangent` arrays are grown when too short and overwritten
   * up to the observation's counts.
   */
  evaluate(observation: Observation, label: number, cotangent: Cotangent, value: LossValue): void;
}

/** Numerical events of a backward pass; they are outcomes, not errors, and go into the metrics. */
export interface GradientCounts {
  /** Own spikes whose slope V̇(t⁻) was below the floor, so that the jump was capped. */
  cappedJumps: number;
  /** Spikes that went through the backward pass. */
  spikes: number;
}

export type Claim = "exact" | "consistent" | "heuristic";

/** An estimator made for one network, with its workspace. */
export interface Estimator {
  readonly claim: Claim;
  /** Samples wanted of spiking populations' membranes. */
  readonly hiddenVoltages: VoltageNeed;
  /**
   * Adds ∂L/∂w of one sample to `gradient` (layout of `weights`: see Projection.offset).
   * Must not write its other arguments except `counts`.
   */
  accumulate(
    observation: Observation,
    weights: Float64Array,
    cotangent: Cotangent,
    gradient: Float64Array,
    counts: GradientCounts,
  ): void;
  /** Bytes of this observation that the backward pass needs to keep (counting rule in docs/memory.md). */
  bytesKept(observation: Observation): number;
}

/** Why an estimator cannot serve a network and loss; undefined when it can. Reported on the YAML line. */
export type Incompatibility = string | undefined;

/** What the `create` of an estimator's table member looks like. */
export interface EstimatorFactory<Options> {
  readonly claim: Claim;
  create(network: Network, options: Options): Estimator;
  incompatible(network: Network, loss: Loss, options: Options): Incompatibility;
}
