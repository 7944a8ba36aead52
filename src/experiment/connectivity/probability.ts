/**
 * A random share of all pairs. The number is exact, probability · pairs, rounded: networks of different seeds have as many
 * connections, and which ones is equally likely among all choices of that many.
 */

import { Type } from "@sinclair/typebox";
import { permutation } from "../../core/random.ts";
import { connectivityMember } from "./types.ts";

export const probability = connectivityMember({
  kind: "probability",
  summary: "a random share of all pairs, the same number for every seed",
  options: {
    probability: Type.Number({
      exclusiveMinimum: 0,
      maximum: 1,
      description: "Share of the pairs that are connected.",
    }),
  },
  create:
    ({ probability: share }) =>
    ({ sources, targets }, draws) => {
      const mask = new Uint8Array(sources * targets);
      const count = Math.round(share * mask.length);
      for (const pair of permutation(mask.length, draws).subarray(0, count)) mask[pair] = 1;
      return mask;
    },
});
