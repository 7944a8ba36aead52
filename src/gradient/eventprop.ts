/**
 * EventProp, exact: gradients from observed spikes, event by event.
 *
 *     Observation, Cotangent ─▶ timeline ─▶ max-at-arrival ─▶ stages, last first ─▶ ∂L/∂w
 *
 * The equations and their sources are in exact-adjoint.ts, the derivation in docs/method.md. Any topology, several spikes per
 * neuron, constants per neuron, losses on spike times and on membranes. Equal to finite differences while no
 * spike appears or disappears.
 *
 * Spikes of a chip need not be spikes that the model would make. Where the model's membrane does not rise
 * (V̇ ≤ 0) or barely rises, 1/V̇ is capped; each capped jump is counted.
 */

import { type Static, type TObject, Type } from "@sinclair/typebox";
import { member } from "../core/table.ts";
import { isClosedForm } from "../network/adaptive-neurons.ts";
import { type Stage, stagesOf } from "../network/graph.ts";
import type { Network } from "../network/network.ts";
import { SPIKE_BYTES } from "../network/observation.ts";
import {
  type AdjointPass,
  adjointConstants,
  arrivalsPerSpike,
  createLayerAdjoint,
  createReadoutAdjoint,
  exactAdjoint,
  type StageAdjoint,
} from "./exact-adjoint.ts";
import { createGeneralAdjoint } from "./general-adjoint.ts";
import { addMaximaAtArrivals } from "./max-at-arrival.ts";
import { createRecurrentAdjoint } from "./recurrent-adjoint.ts";
import type { Estimator, EstimatorFactory } from "./types.ts";

export const slopeFloorOption = Type.Number({
  default: 0.02,
  minimum: 0,
  description:
    "Slopes of the membrane at its spikes below this, in thresholds per tau_mem, are raised to it; at 0 only " +
    "spikes without a rising membrane are affected: they pass nothing on. AdEx and QIF: along the whole way to a spike.",
});

const options = { slopeFloor: slopeFloorOption };

const factory: EstimatorFactory<Static<TObject<typeof options>>> = {
  claim: "exact",
  create: createEventProp,
  incompatible: () => undefined,
};

export const eventProp = member({
  kind: "eventprop",
  summary: "exact adjoint, event by event, from observed spikes",
  options,
  create: factory,
});

function createEventProp(network: Network, { slopeFloor }: Static<TObject<typeof options>>): Estimator {
  const constants = adjointConstants(network.constants);
  /** Neurons of stages that go the general way. */
  const general = new Uint8Array(network.neurons);
  const stages = stagesOf(network)
    .map((stage) => {
      const { populations, recurrent } = stage;
      const population = populations[0]!;
      if (!isClosedForm(network, stage)) {
        for (const { start, size } of populations) general.fill(1, start, start + size);
        return generalStage(network, stage, slopeFloor);
      }
      if (recurrent) return createRecurrentAdjoint(network, populations, constants, slopeFloor);
      if (!population.model.spikes) return createReadoutAdjoint(network, population, constants);
      // Where membranes of a spiking layer were sampled too, which is rare.
      const withSamples = createRecurrentAdjoint(network, [population], constants, slopeFloor);
      return createLayerAdjoint(network, population, constants, slopeFloor, withSamples);
    })
    .reverse();
  const perSpike = arrivalsPerSpike(network);
  let pass: AdjointPass | undefined;
  return {
    claim: "exact",
    hiddenVoltages: { kind: "none" },
    accumulate(observation, weights, cotangent, gradient, counts) {
      const { inputs, spikes, voltages } = observation;
      const arrivals = (inputs.count + spikes.count) * perSpike;
      // One more, for the end of the arrivals.
      const capacity = Math.max(network.neurons, voltages.count, spikes.count, arrivals) + 1;
      pass ??= { observation, weights, cotangent, gradient, counts, capacity };
      pass.observation = observation;
      pass.weights = weights;
      pass.cotangent = cotangent;
      pass.gradient = gradient;
      pass.counts = counts;
      pass.capacity = capacity;
      exactAdjoint.readTimeline(network, observation, cotangent, capacity);
      const { count, spikesWithCotangent, spikeTimeGradient } = exactAdjoint.spikeTimeline(capacity);
      for (let spike = 0; spike < spikesWithCotangent; spike++)
        spikeTimeGradient[spike] = cotangent.spike[spike]!;
      spikeTimeGradient.fill(0, spikesWithCotangent, count);
      addMaximaAtArrivals(network, observation, weights, cotangent, count, spikeTimeGradient, general);
      for (const stage of stages) stage.run(pass);
    },
    bytesKept: (observation) => SPIKE_BYTES * observation.spikes.count,
  };
}

/** A stage of other models than LIF and LI, or with delays or learned constants. */
function generalStage(network: Network, stage: Stage, floor: number): StageAdjoint {
  const adjoint = createGeneralAdjoint(network, stage, floor);
  return {
    run({ observation, weights, cotangent, gradient, counts, capacity }) {
      const { count, inputs, horizon, spikeTimeGradient } = exactAdjoint.spikeTimeline(capacity);
      adjoint({
        observation,
        parameters: weights,
        cotangent,
        gradient,
        counts,
        spikes: count,
        inputs,
        horizon,
        spikeTimeGradient,
      });
    },
  };
}
