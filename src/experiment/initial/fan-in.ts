/**
 * Normal weights whose sum over the n sources of a neuron does not depend on n:
 *
 *     w ~ N(mean / n, std² / n)
 *
 * Whatever n is, the weights of a neuron add up to `mean` on average, and their sum has the deviation `std`. With spikes
 * from a share s of the sources, the drive is s · mean ± √s · std. (X. Glorot and Y. Bengio 2010, AISTATS; K. He et al.
 * 2015, arXiv 1502.01852, for units that are not neurons.)
 */

import { Type } from "@sinclair/typebox";
import { initialMember } from "./types.ts";

export const fanIn = initialMember({
  kind: "fan-in",
  summary: "normal, scaled by the number of sources of each neuron",
  options: {
    mean: Type.Number({ default: 0, description: "Mean of the sum of a neuron's weights, model units." }),
    std: Type.Number({ default: 2, minimum: 0, description: "Standard deviation of that sum." }),
  },
  create:
    ({ mean, std }) =>
    ({ weights, targets, fanIn: counts }, draws) => {
      for (let i = 0; i < weights.length; i++) {
        const n = Math.max(1, counts[i % targets]!);
        weights[i] = mean / n + (std / Math.sqrt(n)) * draws.normal();
      }
    },
});
