/** The same number of random sources for each target, none of them twice. */

import { Type } from "@sinclair/typebox";
import { UserError } from "../../core/errors.ts";
import { permutation } from "../../core/random.ts";
import { connectivityMember } from "./types.ts";

export const fanIn = connectivityMember({
  kind: "fan-in",
  summary: "the same number of random sources for each target",
  options: {
    count: Type.Integer({ minimum: 1, maximum: 1_000_000, description: "Sources of each target." }),
  },
  create:
    ({ count }) =>
    ({ name, sources, targets }, draws) => {
      if (count > sources)
        throw new UserError(
          "experiment-physics",
          `${name} has ${sources} sources, \`count\` asks for ${count}`,
          {
            hint: `count: ${sources}`,
          },
        );
      const mask = new Uint8Array(sources * targets);
      for (let target = 0; target < targets; target++) {
        for (const source of permutation(sources, draws).subarray(0, count))
          mask[source * targets + target] = 1;
      }
      return mask;
    },
});
