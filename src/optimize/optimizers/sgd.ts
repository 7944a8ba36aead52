/** Gradient descent with momentum:  m ← μ m + g,  w ← w − η m. */

import { type Static, type TObject, Type } from "@sinclair/typebox";
import { member } from "../../core/table.ts";
import type { Optimizer } from "./types.ts";

const options = {
  learningRate: Type.Number({
    default: 0.01,
    exclusiveMinimum: 0,
    description: "Step per unit of gradient.",
  }),
  momentum: Type.Number({
    default: 0,
    minimum: 0,
    exclusiveMaximum: 1,
    description: "Share of the last step that the next one keeps.",
  }),
};

export const sgd = member({
  kind: "sgd",
  summary: "gradient descent with momentum",
  options,
  create: ({ learningRate, momentum }: Static<TObject<typeof options>>): Optimizer => ({
    learningRate,
    init: (length) => ({ step: 0, moments: [new Float64Array(length)] }),
    update(weights, gradient, state, factor) {
      const velocity = state.moments[0]!;
      const rate = learningRate * factor;
      state.step++;
      for (let i = 0; i < weights.length; i++) {
        const next = momentum * velocity[i]! + gradient[i]!;
        velocity[i] = next;
        weights[i] = weights[i]! - rate * next;
      }
    },
  }),
});
