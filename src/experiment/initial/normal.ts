/** Weights from a normal distribution. */

import { Type } from "@sinclair/typebox";
import { initialMember } from "./types.ts";

export const normal = initialMember({
  kind: "normal",
  summary: "from a normal distribution; what `{ mean, std }` without a kind means",
  options: {
    mean: Type.Number({ description: "Mean of the weights, model units." }),
    std: Type.Number({ minimum: 0, description: "Their standard deviation." }),
  },
  create:
    ({ mean, std }) =>
    ({ weights }, draws) => {
      for (let i = 0; i < weights.length; i++) weights[i] = mean + std * draws.normal();
    },
});
