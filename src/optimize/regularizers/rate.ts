/**
 * Keeps firing rates in a band, so that silent neurons come back and bursting ones calm down.
 *
 *     R = ½ strength Σ_j [ max(0, lower − n_j)² + max(0, n_j − upper)² ]
 *
 * n_j are mean spikes per sample. How a spike appears has no derivative, so this is a heuristic: ∂n_j/∂w_ij is
 * taken as 1 for every incoming weight of neuron j, which raises (or lowers) them all alike,
 *
 *     ∂R/∂w_ij := strength (max(0, n_j − upper) − max(0, lower − n_j)).
 *
 * The same idea as the published "weight bumping" of silent neurons (J. Göltz et al. 2021, arXiv 1912.11443,
 * Methods), as a term of the loss. Inside the band it does nothing.
 */

import { type Static, type TObject, Type } from "@sinclair/typebox";
import { UserError } from "../../core/errors.ts";
import { member } from "../../core/table.ts";
import type { Network } from "../../network/network.ts";
import { chosenByName, type Regularizer } from "./types.ts";

const options = {
  lower: Type.Number({
    default: 0.1,
    minimum: 0,
    description: "Neurons below this many spikes per sample are driven.",
  }),
  upper: Type.Optional(
    Type.Number({ minimum: 0, description: "Neurons above this are calmed (default: no limit)." }),
  ),
  strength: Type.Number({ default: 0.01, minimum: 0, description: "Coefficient of the term." }),
  populations: Type.Optional(
    Type.Array(Type.String(), { description: "Whose rates (default: all spiking populations)." }),
  ),
};

export const rate = member({
  kind: "rate",
  summary: "spikes per sample of each neuron within a band (heuristic)",
  options,
  create: rateRegularizer,
});

function rateRegularizer(network: Network, chosen: Static<TObject<typeof options>>): Regularizer {
  const { lower, strength } = chosen;
  const upper = chosen.upper ?? Number.POSITIVE_INFINITY;
  if (upper < lower) {
    throw new UserError("experiment-physics", `rates shall be above ${lower} and below ${upper}`, {
      hint: "choose upper above lower",
    });
  }
  const populations = chosenByName(
    network.populations,
    chosen.populations,
    "population",
    ({ model }) => model.spikes,
  );
  const names = new Set(populations.map(({ name }) => name));
  const projections = network.projections.filter(({ to }) => names.has(to));
  const push = (spikes: number): number => Math.max(0, spikes - upper) - Math.max(0, lower - spikes);
  return {
    add(_weights, spikesPerSample, gradient) {
      for (const { targetStart, targets, sources, offset } of projections) {
        for (let target = 0; target < targets; target++) {
          const slope = strength * push(spikesPerSample[targetStart + target]!);
          if (slope === 0) continue;
          for (let source = 0; source < sources; source++) {
            const at = offset + source * targets + target;
            gradient[at] = gradient[at]! + slope;
          }
        }
      }
      let sum = 0;
      for (const { start, size } of populations) {
        for (let neuron = start; neuron < start + size; neuron++) sum += push(spikesPerSample[neuron]!) ** 2;
      }
      return 0.5 * strength * sum;
    },
  };
}
