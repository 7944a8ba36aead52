/**
 * EventProp, exact: gradients from observed spikes, event by event.
 *
 *     Observation, Cotangent ─▶ spike-timeline ─▶ spike-slopes ─▶ kinked-samples ─▶ adjoint-sweep ─▶ ∂L/∂w
 *
 * The derivation and its sources are in adjoint-sweep.ts and docs/method.md. Any topology, several spikes per
 * neuron, constants per neuron, losses on spike times and on membranes. Equal to finite differences while no
 * spike appears or disappears.
 *
 * Spikes of a chip need not be spikes that the model would make. Where the model's membrane does not rise
 * (V̇ ≤ 0) or barely rises, 1/V̇ is capped; each capped jump is counted.
 */

import { type Static, type TObject, Type } from "@sinclair/typebox";
import { member } from "../../core/family.ts";
import type { Network } from "../../network/network.ts";
import type { Estimator, EstimatorFactory } from "../types.ts";
import { adjointConstants } from "./adjoint-constants.ts";
import { createAdjointSweep } from "./adjoint-sweep.ts";
import { SPIKE_BYTES } from "./bytes.ts";
import { fanOut } from "./fan-out.ts";
import { addKinkedSamples } from "./kinked-samples.ts";
import { createSpikeSlopes } from "./spike-slopes.ts";
import { readTimeline, spikeTimeline } from "./spike-timeline.ts";

export const slopeFloorOption = Type.Number({
  default: 0.02,
  minimum: 0,
  description:
    "Slopes of the membrane at its spikes below this, in thresholds per tau_mem, are raised to it; at 0 only " +
    "spikes without a rising membrane are affected: they pass nothing on.",
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
  const fan = fanOut(network);
  const timeline = spikeTimeline(network);
  const slopes = createSpikeSlopes(network, constants, fan);
  const sweep = createAdjointSweep(network, constants, fan, slopeFloor);
  let moved = new Float64Array(256);
  return {
    claim: "exact",
    hiddenVoltages: { kind: "none" },
    accumulate(observation, weights, cotangent, gradient, counts) {
      readTimeline(network, observation, cotangent, timeline);
      const { count } = timeline;
      if (count === 0 && timeline.inputs === 0) return;
      if (moved.length < count) moved = new Float64Array(2 * count);
      for (let spike = 0; spike < count; spike++) moved[spike] = cotangent.spike[spike]!;
      slopes.run(observation, weights, timeline);
      addKinkedSamples(network, fan, observation, weights, cotangent, count, moved);
      sweep.run(observation, weights, timeline, slopes, moved, cotangent, gradient, counts);
    },
    bytesKept: (observation) => SPIKE_BYTES * observation.spikes.count,
  };
}
