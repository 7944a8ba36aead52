/**
 * Several losses at once, each on a population of its own:
 *
 *     L = Σ_k weight_k · L_k
 *
 * The first term predicts. Terms read different populations; membranes of one population are sampled one way.
 */

import { type Static, type TObject, Type } from "@sinclair/typebox";
import { UserError } from "../core/errors.ts";
import { tableSchema } from "../core/table.ts";
import type { Network } from "../network/network.ts";
import { createSingleLoss, SINGLE_LOSSES } from "./single.ts";
import { emptyCotangent, emptyLossValue, type Loss, lossMember } from "./types.ts";

const options = {
  terms: Type.Array(
    Type.Object(
      {
        weight: Type.Number({ default: 1, minimum: 0, description: "Factor of this term." }),
        loss: tableSchema(SINGLE_LOSSES, {
          description: "One term; `output` says which population it reads.",
        }),
      },
      { additionalProperties: false },
    ),
    { minItems: 1, maxItems: 16, description: "The terms; the first one predicts." },
  ),
};

export const weightedSum = lossMember({
  kind: "weighted-sum",
  summary: "several losses on several populations, each with a weight; the first one predicts",
  needsLabels: true,
  missingSpike: {
    asks: "what its terms ask, each of its own output; a term of kind spike-count pushes others later",
    pushesOthersLater: false,
  },
  options,
  create: weightedSumLoss,
});

function weightedSumLoss(network: Network, { terms }: Static<TObject<typeof options>>): Loss {
  const parts = terms.map(({ weight, loss: config }) => ({
    weight,
    loss: createSingleLoss(network, config),
    cotangent: emptyCotangent(),
    value: emptyLossValue(),
  }));
  const names = parts.map(({ loss }) => loss.output);
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  if (twice !== undefined)
    throw new UserError("experiment-physics", `two terms of the loss read \`${twice}\``, {
      hint: "give each term an `output` of its own",
    });
  const [first] = parts;
  return {
    ...first!.loss,
    readsSpikes: parts.some(({ loss }) => loss.readsSpikes),
    reads: parts.map(({ loss }) => loss),
    evaluate(observation, label, cotangent, value) {
      const { spikes, voltages } = observation;
      Object.assign(value, emptyLossValue());
      if (cotangent.spike.length < spikes.count) cotangent.spike = new Float64Array(2 * spikes.count);
      else cotangent.spike.fill(0, 0, spikes.count);
      if (cotangent.voltage.length < voltages.count) cotangent.voltage = new Float64Array(2 * voltages.count);
      else cotangent.voltage.fill(0, 0, voltages.count);
      for (const part of parts) {
        const { weight } = part;
        part.loss.evaluate(observation, label, part.cotangent, part.value);
        value.classification += weight * part.value.classification;
        value.regularization += weight * part.value.regularization;
        value.missingOutputs += part.value.missingOutputs;
        for (let i = 0; i < spikes.count; i++) cotangent.spike[i]! += weight * part.cotangent.spike[i]!;
        for (let i = 0; i < voltages.count; i++) cotangent.voltage[i]! += weight * part.cotangent.voltage[i]!;
      }
      value.prediction = first!.value.prediction;
      value.total = value.classification + value.regularization;
    },
  };
}
