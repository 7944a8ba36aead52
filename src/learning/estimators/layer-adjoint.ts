/**
 * Exact adjoint of one population that spikes and does not act on itself. The equations are in adjoint-pass.ts.
 *
 *     intervals between own spikes ─▶ neuron after neuron: slopes at its spikes, first to last; back, last to first
 *
 * Where its membranes were sampled too, which is rare, the way of recurrent populations serves.
 */

import type { Network, Population } from "../../network/network.ts";
import type { AdjointPass, StageAdjoint } from "./adjoint-pass.ts";
import { createLayerArrivals } from "./layer-arrivals.ts";
import { writeIntervals } from "./layer-intervals.ts";
import { goThroughNeurons } from "./layer-neurons.ts";
import { layerTrace, WAIT } from "./layer-trace.ts";
import { createRecurrentAdjoint } from "./recurrent-adjoint.ts";

/** `floor`: smallest slope at a spike, in 1/τ_m. */
export function createLayerAdjoint(
  network: Network,
  population: Population,
  constants: Float64Array,
  floor: number,
): StageAdjoint {
  const arrivals = createLayerArrivals(network, population);
  const withSamples = createRecurrentAdjoint(network, [population], constants, floor);
  let trace = layerTrace(0, 0);
  return {
    run(pass) {
      if (isSampled(pass, population)) {
        withSamples.run(pass);
        return;
      }
      arrivals.read(pass);
      const spikes = pass.timeline.count;
      // Each arrival waits once in a neuron at most.
      if (trace.bounds.length < 2 * spikes || trace.waits.length < WAIT * arrivals.count) {
        trace = layerTrace(2 * spikes, 2 * arrivals.count);
      }
      writeIntervals(trace, pass, population, constants);
      goThroughNeurons(trace, pass, population, arrivals, constants, floor);
    },
  };
}

/** Whether the loss depends on a sample of the population. */
function isSampled({ observation, cotangent }: AdjointPass, { start, size }: Population): boolean {
  const { count, neuron } = observation.voltages;
  for (let entry = 0; entry < count && neuron[entry]! < start + size; entry++) {
    if (neuron[entry]! >= start && cotangent.voltage[entry] !== 0) return true;
  }
  return false;
}
