/**
 * Adaptive LIF: a leaky integrator with an adaptation current and a threshold that rises at each spike and decays,
 *
 *     τ_m V̇ = −V + E + I − w      τ_w ẇ = a V − w,  w += b at a spike      τ_h ḣ = −h,  h += c at a spike
 *
 * and a spike where V reaches ϑ + h. The threshold alone is the neuron of G. Bellec et al. (2018), arXiv 1803.09574.
 * Linear: it moves in closed form.
 */

import { Type } from "@sinclair/typebox";
import { timeSchema } from "../../core/option-schemas.ts";
import { adaptationOptions, membraneOptions, neuronModel, spikeOptions } from "../model.ts";

export const alif = neuronModel({
  kind: "alif",
  summary: "LIF with an adaptation current and a threshold that rises at each spike",
  options: {
    ...membraneOptions,
    ...spikeOptions,
    ...adaptationOptions,
    thresholdJump: Type.Number({
      default: 0,
      minimum: 0,
      description: "What a spike adds to the threshold.",
    }),
    tauThreshold: timeSchema({
      default: "50 us",
      above: 0,
      description: "Time constant with which the threshold falls back.",
    }),
  },
  spikes: true,
  closedForm: false,
  onChip: true,
});
