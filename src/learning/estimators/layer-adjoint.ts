/**
 * Exact adjoint of one population that spikes and does not act on itself. The equations are in adjoint-pass.ts.
 *
 *     intervals between own spikes ─▶ slopes at own spikes, first to last ─▶ backwards, last spike to first
 *
 * Where its membranes were sampled too, which is rare, the way of recurrent populations serves.
 */

import type { Network, Population } from "../../network/network.ts";
import { CONSTANTS, EXC_RATE, LEAK_RATE } from "./adjoint-constants.ts";
import { FLOW } from "./adjoint-flow.ts";
import type { AdjointPass, StageAdjoint } from "./adjoint-pass.ts";
import { createLayerArrivals, type LayerArrivals } from "./layer-arrivals.ts";
import { writeIntervals } from "./layer-intervals.ts";
import { findSlopes } from "./layer-slopes.ts";
import { INTERVAL, type LayerTrace, layerTrace } from "./layer-trace.ts";
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
  let trace = layerTrace(size, 0, 0);
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
      if (trace.slope.length < spikes || trace.decays.length < waits)
        trace = layerTrace(size, 2 * spikes, 2 * waits);
      writeIntervals(trace, pass, population, constants);
      findSlopes(trace, pass, population, arrivals, constants);
      goBack(trace, pass, population, arrivals, constants, floor);
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
  { spike: arriving, row, bySpikes }: LayerArrivals,
  constants: Float64Array,
  floor: number,
): void {
  const { index } = observation.spikes;
  const { count, previous } = timeline;
  const { slope, releaseSlope, intervals, free, end, decays, responses, state, released } = trace;
  const numbers = CONSTANTS;
  const [leakRate, excRate] = [LEAK_RATE, EXC_RATE];
  const interval = INTERVAL;
  const hold = FLOW;
  state.fill(0);
  released.fill(0);
  let wait = trace.waits;
  let spikes = 0;
  let capped = 0;
  for (let spike = count - 1; spike >= 0; spike--) {
    const column = index[spike]! - start;
    if (column < 0 || column >= size) continue;
    const own = (start + column) * numbers;
    const a = constants[own + leakRate]!;
    const rates = own + excRate;
    const exc = 2 * column;
    const inh = exc + 1;
    // p_V at the spike; p_E and p_I are in the state.
    let membrane = 0;
    const jump = released[column]! - moved[spike]!;
    if (jump !== 0) {
      const rise = slope[spike]!;
      const lowest = floor * a;
      spikes++;
      if (rise > 0 && rise >= lowest) {
        membrane = jump / rise;
      } else {
        capped++;
        membrane = lowest > 0 ? jump / lowest : 0;
      }
    }
    const before = previous[spike]!;
    const from = before === -1 ? 0 : free[spike]!;
    const drive = a * membrane;
    for (let arrival = end[spike]! - 1; arrival >= from; arrival--) {
      wait--;
      const place = row[arrival]! + column;
      const weight = weights[place]!;
      const slot = +(weight < 0);
      const left = decays[wait]!;
      const answer = responses[wait]!;
      const through = state[exc + slot]! * left;
      gradient[place] = gradient[place]! + through + membrane * answer;
      if (!bySpikes) continue;
      const source = arriving[arrival]!;
      if (source !== -1) {
        moved[source] =
          moved[source]! + weight * (constants[rates + slot]! * through + drive * (answer - left));
      }
    }
    if (before === -1) continue;
    const at = spike * interval;
    state[exc] = state[exc]! * intervals[at + 1]! + membrane * intervals[at + 2]!;
    state[inh] = state[inh]! * intervals[at + 3]! + membrane * intervals[at + 4]!;
    released[column] = releaseSlope[spike]! * membrane * intervals[at]!;
    const begin = end[before]!;
    for (let arrival = from - 1; arrival >= begin; arrival--) {
      wait--;
      const place = row[arrival]! + column;
      const weight = weights[place]!;
      const slot = +(weight < 0);
      const adjoint = state[exc + slot]! * decays[wait]!;
      gradient[place] = gradient[place]! + adjoint;
      const source = arriving[arrival]!;
      if (source !== -1) moved[source] = moved[source]! + weight * constants[rates + slot]! * adjoint;
    }
    state[exc] = state[exc]! * intervals[at + hold]!;
    state[inh] = state[inh]! * intervals[at + hold + 1]!;
  }
  counts.spikes += spikes;
  counts.cappedJumps += capped;
}
