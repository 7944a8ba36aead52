/**
 * Exact adjoint of one population that spikes and does not act on itself. The equations are in adjoint-pass.ts.
 *
 *     intervals between own spikes ─▶ neuron after neuron: slopes at its spikes, first to last; back, last to first
 *                                     neurons that spike once: by a shorter way
 *
 * Where its membranes were sampled too, which is rare, the way of recurrent populations serves.
 */

import type { Network, Population } from "../network/network.ts";
import type { AdjointPass, StageAdjoint } from "./adjoint-pass.ts";
import { createArrivalReader } from "./layer-arrivals.ts";
import { writeIntervals } from "./layer-intervals.ts";
import { goThroughNeurons } from "./layer-neurons.ts";
import { goThroughSingleSpikes } from "./layer-single-spikes.ts";
import { layerTrace } from "./layer-trace.ts";
import { createRecurrentAdjoint } from "./recurrent-adjoint.ts";
import { spikeTimeline } from "./spike-timeline.ts";

/** `floor`: smallest slope at a spike, in thresholds per τ_m. */
export function createLayerAdjoint(
  network: Network,
  population: Population,
  constants: Float64Array,
  floor: number,
): StageAdjoint {
  const readArrivals = createArrivalReader(network, population);
  const withSamples = createRecurrentAdjoint(network, [population], constants, floor);
  return {
    run(pass) {
      if (isSampled(pass, population)) {
        withSamples.run(pass);
        return;
      }
      readArrivals(pass);
      sortNeurons(pass, population);
      writeIntervals(pass, population, constants);
      goThroughNeurons(pass, population, constants, floor);
      goThroughSingleSpikes(pass, population, constants, floor);
    },
  };
}

/** Writes `single` and `several`. Which it is is random: to write both costs less than a branch that is guessed wrong. */
function sortNeurons({ room, observation }: AdjointPass, { start, size }: Population): void {
  const trace = layerTrace(room);
  const { index } = observation.spikes;
  const { first, firstCount, following } = spikeTimeline(room);
  const { single, several } = trace;
  let singleCount = 0;
  let severalCount = 0;
  for (let entry = 0; entry < firstCount; entry++) {
    const spike = first[entry]!;
    const column = index[spike]! - start;
    if (column < 0 || column >= size) continue;
    single[singleCount] = spike;
    several[severalCount] = spike;
    const once = +(following[spike] === -1);
    singleCount += once;
    severalCount += 1 - once;
  }
  trace.singleCount = singleCount;
  trace.severalCount = severalCount;
}

/** Whether the loss depends on a sample of the population. */
function isSampled({ observation, cotangent }: AdjointPass, { start, size }: Population): boolean {
  const { count, neuron } = observation.voltages;
  for (let entry = 0; entry < count && neuron[entry]! < start + size; entry++) {
    if (neuron[entry]! >= start && cotangent.voltage[entry] !== 0) return true;
  }
  return false;
}
