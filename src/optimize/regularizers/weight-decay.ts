/** Keeps weights small:  R = ½ strength Σ w². */

import { type Static, type TObject, Type } from "@sinclair/typebox";
import { member } from "../../core/table.ts";
import type { Network } from "../../network/network.ts";
import { chosenByName, type Regularizer } from "./types.ts";

const options = {
  strength: Type.Number({ default: 1e-4, minimum: 0, description: "Coefficient of the term." }),
  projections: Type.Optional(
    Type.Array(Type.String(), { description: "Whose weights (default: all projections)." }),
  ),
};

export const weightDecay = member({
  kind: "weight-decay",
  summary: "half the sum of squared weights",
  options,
  create(network: Network, { strength, projections }: Static<TObject<typeof options>>): Regularizer {
    const chosen = chosenByName(network.projections, projections, "projection", () => true);
    return {
      add(weights, _spikesPerSample, gradient) {
        let sum = 0;
        for (const { offset, sources, targets } of chosen) {
          for (let at = offset; at < offset + sources * targets; at++) {
            const weight = weights[at]!;
            gradient[at] = gradient[at]! + strength * weight;
            sum += weight * weight;
          }
        }
        return 0.5 * strength * sum;
      },
    };
  },
});
