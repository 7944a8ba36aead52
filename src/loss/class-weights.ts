/** Weights of classes: a sample of class l counts w_l times, in the value and in the cotangent. For rare classes. */

import { Type } from "@sinclair/typebox";
import { UserError } from "../core/errors.ts";
import type { Loss } from "./types.ts";

/** The option `classWeights` of every loss on classes. */
export const classWeightsOption = Type.Optional(
  Type.Array(Type.Number({ minimum: 0 }), {
    minItems: 1,
    description:
      "How much a sample of each class counts, in the order of the classes; 1 for all when absent.",
  }),
);

/**
 * @param outputs neurons of the population that the loss reads
 * @throws UserError("experiment-physics") when there are more weights than outputs, or none is above 0
 */
export function withClassWeights(loss: Loss, weights: readonly number[], outputs: number): Loss {
  if (weights.length !== outputs)
    throw new UserError(
      "experiment-physics",
      `\`classWeights\` has ${weights.length} entries, the loss reads ${outputs} outputs`,
      { hint: "one entry for each output is expected" },
    );
  if (weights.every((weight) => weight === 0))
    throw new UserError("experiment-physics", "all `classWeights` are 0: nothing could be learned");
  return {
    ...loss,
    evaluate(observation, label, cotangent, value) {
      loss.evaluate(observation, label, cotangent, value);
      const weight = weights[label]!;
      value.classification *= weight;
      value.regularization *= weight;
      value.total = value.classification + value.regularization;
      for (let i = 0; i < observation.spikes.count; i++) cotangent.spike[i]! *= weight;
      for (let i = 0; i < observation.voltages.count; i++) cotangent.voltage[i]! *= weight;
    },
  };
}
