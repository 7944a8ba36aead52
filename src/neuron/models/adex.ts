/**
 * Adaptive exponential integrate-and-fire, the neuron of the BrainScaleS-2 chip: R. Brette and W. Gerstner (2005),
 * doi 10.1152/jn.00686.2005,
 *
 *     τ_m V̇ = −V + Δ exp((V − V_T)/Δ) + E + I − w      τ_w ẇ = a V − w,  w += b at a spike
 *
 * and a spike where V reaches ϑ, which lies above V_T. With Δ = 0 there is no exponential current.
 */

import { Type } from "@sinclair/typebox";
import type { AdaptiveNeuron, IntrinsicCurrent } from "../adaptive.ts";
import { exponential } from "../decay.ts";
import { adaptationOptions, membraneOptions, neuronModel, solverOptions, spikeOptions } from "../model.ts";

/** exp((V − V_T)/Δ), 0 without an exponential current. */
function rise(v: number, { exponentialThreshold, slopeFactor }: AdaptiveNeuron): number {
  return slopeFactor > 0 ? exponential((v - exponentialThreshold) / slopeFactor) : 0;
}

const intrinsic: IntrinsicCurrent = {
  // In one function, though it repeats `rise`: it is called six times a step.
  current: (v, { exponentialThreshold, slopeFactor }) =>
    slopeFactor > 0 ? slopeFactor * exponential((v - exponentialThreshold) / slopeFactor) - v : -v,
  slope: (v, neuron) => rise(v, neuron) - 1,
  derivatives: {
    exponentialThreshold: (v, neuron) => -rise(v, neuron),
    slopeFactor: (v, neuron) => {
      const { exponentialThreshold, slopeFactor } = neuron;
      return slopeFactor > 0 ? (1 - (v - exponentialThreshold) / slopeFactor) * rise(v, neuron) : 0;
    },
  },
};

export const adex = neuronModel({
  kind: "adex",
  summary: "adaptive exponential integrate-and-fire",
  options: {
    ...membraneOptions,
    ...spikeOptions,
    ...adaptationOptions,
    exponentialThreshold: Type.Number({
      default: 0.7,
      description: "V_T: from here on the exponential current drives V to its threshold.",
    }),
    slopeFactor: Type.Number({
      default: 0.1,
      minimum: 0,
      description: "Δ: range of V over which the exponential current grows by e; 0 is none.",
    }),
    ...solverOptions,
  },
  spikes: true,
  closedForm: false,
  onChip: true,
  intrinsic,
});
