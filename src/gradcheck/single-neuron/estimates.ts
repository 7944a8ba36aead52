/**
 * The gradients of one neuron that are compared: which losses, which estimators, with which constants. All of them
 * look at the same observation.
 */

import {
  createEstimator,
  defaultEstimator,
  ESTIMATOR_KINDS,
  type EstimatorKind,
  estimatorIncompatibility,
} from "../../gradient/index.ts";
import type { Estimator, GradientCounts } from "../../gradient/types.ts";
import { createLoss, type LossConfig } from "../../loss/index.ts";
import { emptyCotangent, emptyLossValue, type Loss } from "../../loss/types.ts";
import type { ConstantsKind } from "../../mapping/constants.ts";
import type { Network } from "../../network/network.ts";
import type { Observation } from "../../network/observation.ts";

/** `time`: L = T.  `target`: L = (T − target)², µs². */
export type LossName = "time" | "target";
export const LOSS_NAMES: readonly LossName[] = ["time", "target"];

export interface Variant {
  readonly estimator: EstimatorKind;
  /** Step of estimators on a grid, µs. */
  readonly dt: number | null;
  readonly constants: ConstantsKind;
}

/** `eventprop-grid 0.5 us`, `eventprop, calibrated` */
export function variantName({ estimator, dt, constants }: Variant): string {
  const grid = dt === null ? "" : ` ${dt} us`;
  return `${estimator}${grid}${constants === "nominal" ? "" : ", calibrated"}`;
}

export interface NeuronEstimates {
  readonly variants: readonly Variant[];
  /** Writes ∂L/∂w of one observation for each variant; false when there is no spike. */
  gradients(observation: Observation, weights: Float64Array, loss: LossName, out: Float64Array): boolean;
  /** Capped jumps of each variant so far. */
  readonly capped: readonly GradientCounts[];
}

/**
 * @param networks with nominal and, on a chip, with calibrated constants
 * @param grids steps of estimators on a grid, µs
 * @param target time of the loss `target`, µs from the start of the sample
 */
export function neuronEstimates(
  networks: Partial<Record<ConstantsKind, Network>>,
  grids: readonly number[],
  target: number,
): NeuronEstimates {
  const configs: Record<LossName, LossConfig> = {
    time: { kind: "spike-time", terms: [{ neuron: 0, spike: 0, coefficient: 1 }] },
    target: { kind: "target-times", correct: target, wrong: target, unit: 1 },
  };
  const any = networks.nominal as Network;
  const losses: Record<LossName, Loss> = {
    time: createLoss(any, configs.time),
    target: createLoss(any, configs.target),
  };
  const members: { variant: Variant; estimator: Estimator; counts: GradientCounts }[] = [];
  for (const kind of ESTIMATOR_KINDS) {
    for (const constants of ["calibrated", "nominal"] as const) {
      const network = networks[constants];
      if (network === undefined) continue;
      const steps = "dt" in defaultEstimator(kind) ? grids : [null];
      for (const dt of steps) {
        const config = dt === null ? defaultEstimator(kind) : { ...defaultEstimator(kind), dt };
        if (estimatorIncompatibility(network, losses.time, config) !== undefined) continue;
        const estimator = createEstimator(network, config);
        // Only what is made from spikes: one neuron whose membrane is sampled is another experiment.
        if (estimator.hiddenVoltages.kind !== "none") continue;
        const variant = { estimator: kind, dt, constants };
        members.push({ variant, estimator, counts: { cappedJumps: 0, spikes: 0 } });
      }
    }
  }
  const cotangent = emptyCotangent();
  const value = emptyLossValue();
  const gradient = new Float64Array(any.weights);
  return {
    variants: members.map(({ variant }) => variant),
    capped: members.map(({ counts }) => counts),
    gradients(observation, weights, loss, out) {
      if (observation.spikes.count === 0) return false;
      losses[loss].evaluate(observation, 0, cotangent, value);
      members.forEach(({ estimator, counts }, i) => {
        gradient.fill(0);
        estimator.accumulate(observation, weights, cotangent, gradient, counts);
        out[i] = gradient[0]!;
      });
      return true;
    },
  };
}
