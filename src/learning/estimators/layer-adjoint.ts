/**
 * Exact adjoint of one population that spikes and does not act on itself. The equations are in adjoint-pass.ts.
 *
 *     intervals between own spikes ─▶ slopes at own spikes, first to last ─▶ backwards, last spike to first
 *
 * Where its membranes were sampled too, which is rare, the way of recurrent populations serves.
 */

import type { Network, Population } from "../../network/network.ts";
import { EXC_RATE, LEAK_RATE } from "./adjoint-constants.ts";
import type { AdjointPass, StageAdjoint } from "./adjoint-pass.ts";
import { createLayerArrivals, type LayerArrivals } from "./layer-arrivals.ts";
import { writeIntervals } from "./layer-intervals.ts";
import { findSlopes } from "./layer-slopes.ts";
import {
  EXC,
  FREE,
  HOLD,
  INH,
  type LayerTrace,
  layerNeurons,
  layerTrace,
  NEURON,
  RELEASE_SLOPE,
  RELEASED,
  SPIKE,
} from "./layer-trace.ts";
import { createRecurrentAdjoint } from "./recurrent-adjoint.ts";

/** `floor`: smallest slope at a spike, in 1/τ_m. */
export function createLayerAdjoint(
  network: Network,
  population: Population,
  constants: Float64Array,
  floor: number,
): StageAdjoint {
  const { size } = population;
  const arrivals = createLayerArrivals(network, population);
  const withSamples = createRecurrentAdjoint(network, [population], constants, floor);
  const neurons = layerNeurons(population, constants);
  let trace = layerTrace(neurons, 0, 0);
  return {
    run(pass) {
      if (isSampled(pass, population)) {
        withSamples.run(pass);
        return;
      }
      arrivals.read(pass);
      const spikes = pass.timeline.count;
      // Each arrival waits once in each neuron at most.
      const waits = arrivals.count * size;
      if (trace.bounds.length < 2 * spikes || trace.waits.length < 2 * waits) {
        trace = layerTrace(neurons, 2 * spikes, 2 * waits);
      }
      writeIntervals(trace, pass, population, constants);
      findSlopes(trace, pass, population, arrivals);
      goBack(trace, pass, population, arrivals, floor);
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

/** From the last spike of the layer to the first. */
function goBack(
  trace: LayerTrace,
  { observation, timeline, weights, gradient, moved, counts }: AdjointPass,
  { start, size }: Population,
  { origin, bySpikes }: LayerArrivals,
  floor: number,
): void {
  const { index } = observation.spikes;
  const { count, previous } = timeline;
  const { spikes, bounds, waits, neurons } = trace;
  const numbers = NEURON;
  const [leakRate, excRate, ofExc, ofInh, ofReleased] = [LEAK_RATE, EXC_RATE, EXC, INH, RELEASED];
  const [stride, releaseSlope, hold, free] = [SPIKE, RELEASE_SLOPE, HOLD, FREE];
  for (let at = 0; at < neurons.length; at += numbers) {
    neurons[at + ofExc] = 0;
    neurons[at + ofInh] = 0;
    neurons[at + ofReleased] = 0;
  }
  let wait = 2 * trace.count;
  let jumps = 0;
  let capped = 0;
  for (let spike = count - 1; spike >= 0; spike--) {
    const column = index[spike]! - start;
    if (column < 0 || column >= size) continue;
    const own = column * numbers;
    const a = neurons[own + leakRate]!;
    const rates = own + excRate;
    const exc = own + ofExc;
    const inh = own + ofInh;
    const at = spike * stride;
    // p_V at the spike; p_E and p_I are in the table of neurons.
    let membrane = 0;
    const jump = neurons[own + ofReleased]! - moved[spike]!;
    if (jump !== 0) {
      const rise = spikes[at]!;
      const lowest = floor * a;
      jumps++;
      if (rise > 0 && rise >= lowest) {
        membrane = jump / rise;
      } else {
        capped++;
        membrane = lowest > 0 ? jump / lowest : 0;
      }
    }
    const begin = bounds[2 * spike]!;
    const drive = a * membrane;
    for (let arrival = bounds[2 * spike + 1]! - 1; arrival >= begin; arrival--) {
      wait -= 2;
      const place = origin[2 * arrival]! + column;
      const weight = weights[place]!;
      const slot = +(weight < 0);
      const left = waits[wait]!;
      const answer = waits[wait + 1]!;
      const through = neurons[exc + slot]! * left;
      gradient[place] = gradient[place]! + through + membrane * answer;
      if (!bySpikes) continue;
      const source = origin[2 * arrival + 1]!;
      if (source !== -1) {
        moved[source] =
          moved[source]! + weight * (neurons[rates + slot]! * through + drive * (answer - left));
      }
    }
    const before = previous[spike]!;
    if (before === -1) continue;
    neurons[exc] = neurons[exc]! * spikes[at + free + 1]! + membrane * spikes[at + free + 2]!;
    neurons[inh] = neurons[inh]! * spikes[at + free + 3]! + membrane * spikes[at + free + 4]!;
    neurons[own + ofReleased] = spikes[at + releaseSlope]! * membrane * spikes[at + free]!;
    const held = bounds[2 * before + 1]!;
    for (let arrival = begin - 1; arrival >= held; arrival--) {
      wait -= 2;
      const place = origin[2 * arrival]! + column;
      const weight = weights[place]!;
      const slot = +(weight < 0);
      const adjoint = neurons[exc + slot]! * waits[wait]!;
      gradient[place] = gradient[place]! + adjoint;
      const source = origin[2 * arrival + 1]!;
      if (source !== -1) moved[source] = moved[source]! + weight * neurons[rates + slot]! * adjoint;
    }
    neurons[exc] = neurons[exc]! * spikes[at + hold]!;
    neurons[inh] = neurons[inh]! * spikes[at + hold + 1]!;
  }
  counts.spikes += jumps;
  counts.cappedJumps += capped;
}
