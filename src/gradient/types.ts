/** The seam of gradient estimators: an estimator turns the cotangent of an observation into a gradient of the weights. */

import type { Cotangent, Loss } from "../loss/types.ts";
import type { Network } from "../network/network.ts";
import type { Observation, RecordingRequest } from "../network/observation.ts";

/** Numerical events of a backward pass; they are outcomes, not errors, and go into the metrics. */
export interface GradientCounts {
  /** Own spikes whose slope V̇(t⁻) was below the floor, so that the jump was capped. */
  cappedJumps: number;
  /** Spikes that went through the backward pass. */
  spikes: number;
  /**
   * Of those of general models (general-adjoint.ts), the ones that the model itself makes earlier than they were
   * observed, and later or not at all, by more than a tick of 8 ns; absent as long as there are none.
   */
  modelEarly?: number;
  modelLate?: number;
}

export type Claim = "exact" | "consistent" | "heuristic";

/** An estimator made for one network, with its workspace. */
export interface Estimator {
  readonly claim: Claim;
  /** Samples wanted of spiking populations' membranes. */
  readonly hiddenVoltages: RecordingRequest;
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
