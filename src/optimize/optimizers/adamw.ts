/**
 * Adam with weight decay that does not pass through its moments:
 *
 *     w ← w − η λ w − (Adam's step)
 *
 * A decay in the gradient would be divided by √v̂ and so hardly act on weights with large gradients. I. Loshchilov,
 * F. Hutter, "Decoupled weight decay regularization" (2019), arXiv 1711.05101, algorithm 2.
 */

import { type Static, type TObject, Type } from "@sinclair/typebox";
import { member } from "../../core/table.ts";
import { adam } from "./adam.ts";
import type { Optimizer } from "./types.ts";

const options = {
  ...adam.options,
  weightDecay: Type.Number({
    default: 0.01,
    minimum: 0,
    description: "Share of each weight that an update removes, times the learning rate.",
  }),
};

export const adamW = member({
  kind: "adamw",
  summary: "Adam with decoupled weight decay (Loshchilov and Hutter 2019)",
  options,
  create({ weightDecay, ...chosen }: Static<TObject<typeof options>>): Optimizer {
    const plain = adam.create(chosen);
    return {
      ...plain,
      update(weights, gradient, state, factor) {
        const kept = 1 - plain.learningRate * factor * weightDecay;
        for (let i = 0; i < weights.length; i++) weights[i] = weights[i]! * kept;
        plain.update(weights, gradient, state, factor);
      },
    };
  },
});
