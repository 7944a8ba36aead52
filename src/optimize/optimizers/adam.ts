/**
 * Adam: steps of equal size whatever the scale of the gradient.
 *
 *     m ← β₁ m + (1−β₁) g      v ← β₂ v + (1−β₂) g²      w ← w − η m̂ / (√v̂ + ε)
 *
 * with m̂ = m / (1−β₁ⁿ), v̂ = v / (1−β₂ⁿ) after n updates. D. Kingma, J. Ba (2015), arXiv 1412.6980,
 * algorithm 1.
 */

import { type Static, type TObject, Type } from "@sinclair/typebox";
import { power } from "../../core/power.ts";
import { member } from "../../core/table.ts";
import type { Optimizer } from "./types.ts";

const decay = (standard: number, what: string) =>
  Type.Number({
    default: standard,
    minimum: 0,
    exclusiveMaximum: 1,
    description: `Share of the running mean of ${what} that an update keeps.`,
  });

const options = {
  learningRate: Type.Number({ default: 2e-3, exclusiveMinimum: 0, description: "Largest usual step." }),
  beta1: decay(0.9, "gradients"),
  beta2: decay(0.999, "squared gradients"),
  epsilon: Type.Number({
    default: 1e-8,
    exclusiveMinimum: 0,
    description: "Gradients below this make smaller steps.",
  }),
};

export const adam = member({
  kind: "adam",
  summary: "Adam (Kingma and Ba 2015)",
  options,
  create: ({ learningRate, beta1, beta2, epsilon }: Static<TObject<typeof options>>): Optimizer => ({
    learningRate,
    init: (length) => ({ step: 0, moments: [new Float64Array(length), new Float64Array(length)] }),
    update(weights, gradient, state, factor) {
      const mean = state.moments[0]!;
      const square = state.moments[1]!;
      state.step++;
      const meanScale = 1 / (1 - power(beta1, state.step));
      const squareScale = 1 / (1 - power(beta2, state.step));
      const rate = learningRate * factor * meanScale;
      for (let i = 0; i < weights.length; i++) {
        const g = gradient[i]!;
        const m = beta1 * mean[i]! + (1 - beta1) * g;
        const v = beta2 * square[i]! + (1 - beta2) * g * g;
        mean[i] = m;
        square[i] = v;
        weights[i] = weights[i]! - (rate * m) / (Math.sqrt(v * squareScale) + epsilon);
      }
    },
  }),
});
