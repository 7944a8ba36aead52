/** Weights between two bounds. */

import { Type } from "@sinclair/typebox";
import { UserError } from "../../core/errors.ts";
import { initialMember } from "./types.ts";

export const uniform = initialMember({
  kind: "uniform",
  summary: "equally likely between `low` and `high`",
  options: {
    low: Type.Number({ description: "Smallest weight, model units." }),
    high: Type.Number({ description: "Largest weight." }),
  },
  create: ({ low, high }) => {
    if (high < low)
      throw new UserError("experiment-physics", `\`high\` of ${high} is below \`low\` of ${low}`, {
        hint: "exchange them",
      });
    return ({ weights }, draws) => {
      for (let i = 0; i < weights.length; i++) weights[i] = low + (high - low) * draws.uniform();
    };
  },
});
