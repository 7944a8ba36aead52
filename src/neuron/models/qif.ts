/**
 * Quadratic integrate-and-fire, τ_m V̇ = −V + q V² + E + I: at rest at 0, it runs away to ever larger V beyond 1/q. A
 * threshold far above 1/q stands for the infinite one of the theory; its spikes come and go smoothly with the input
 * (C. Klos and R.-M. Memmesheimer 2025, arXiv 2309.14523). With q = 0 it is LIF.
 */

import { Type } from "@sinclair/typebox";
import type { IntrinsicCurrent } from "../adaptive.ts";
import { membraneOptions, neuronModel, solverOptions, spikeOptions } from "../model.ts";

const intrinsic: IntrinsicCurrent = {
  current: (v, { curvature }) => v * (curvature * v - 1),
  slope: (v, { curvature }) => 2 * curvature * v - 1,
  derivatives: { curvature: (v) => v * v },
};

export const qif = neuronModel({
  kind: "qif",
  summary: "quadratic integrate-and-fire",
  options: {
    ...membraneOptions,
    ...spikeOptions,
    threshold: Type.Number({
      default: 10,
      exclusiveMinimum: 0,
      description: "Model units; above 1/curvature, from where V runs away by itself.",
    }),
    curvature: Type.Number({ default: 1, minimum: 0, description: "q of the current q V²; 0 is LIF." }),
    ...solverOptions,
  },
  spikes: true,
  closedForm: false,
  onChip: false,
  intrinsic,
});
