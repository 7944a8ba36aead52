/**
 * Exact adjoint of one population that spikes and does not act on itself. The equations are in adjoint-pass.ts.
 *
 *     slopes at own spikes, first to last ─▶ backwards, last spike to first
 *
 * Where its membranes were sampled too, which is rare, the way of recurrent populations serves.
 */

import type { Network, Population } from "../../network/network.ts";
import { CONSTANTS, EXC_RATE, INH_RATE, LEAK_RATE } from "./adjoint-constants.ts";
import { FLOW } from "./adjoint-flow.ts";
import type { AdjointPass, StageAdjoint } from "./adjoint-pass.ts";
import { createLayerArrivals, type LayerArrivals } from "./layer-arrivals.ts";
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
  let trace = layerTrace(0, 0);
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
        trace = layerTrace(2 * spikes, 2 * waits);
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
  { spike: arriving, row }: LayerArrivals,
  constants: Float64Array,
  floor: number,
): void {
  const { index } = observation.spikes;
  const { count, previous, following } = timeline;
  const { slope, exc: excBefore, inh: inhBefore, released, begin, free, end, wait: firstWait } = trace;
  const { decays, responses, intervals, releaseSlope } = trace;
  let spikes = 0;
  let capped = 0;
  for (let spike = count - 1; spike >= 0; spike--) {
    const column = index[spike]! - start;
    if (column < 0 || column >= size) continue;
    const own = (start + column) * CONSTANTS;
    const a = constants[own + LEAK_RATE]!;
    const b = constants[own + EXC_RATE]!;
    const change = constants[own + INH_RATE]! - b;
    // p_V, p_E and p_I at the spike; the last spike of a neuron has nothing after it.
    const isLast = following[spike] === -1;
    let membrane = 0;
    let exc = isLast ? 0 : excBefore[spike]!;
    let inh = isLast ? 0 : inhBefore[spike]!;
    const jump = released[spike]! - moved[spike]!;
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
    const first = begin[spike]!;
    const middle = free[spike]!;
    const last = end[spike]!;
    let wait = firstWait[spike]! + middle - first;
    const drive = a * membrane;
    const difference = inh - exc;
    for (let arrival = middle; arrival < last; arrival++, wait++) {
      const place = row[arrival]! + column;
      const weight = weights[place]!;
      const negative = +(weight < 0);
      const left = decays[wait]!;
      const answer = responses[wait]!;
      const through = (exc + negative * difference) * left;
      gradient[place] = gradient[place]! + through + membrane * answer;
      const source = arriving[arrival]!;
      if (source !== -1) {
        const rate = b + negative * change;
        moved[source] = moved[source]! + weight * (rate * through + drive * (answer - left));
      }
    }
    const before = previous[spike]!;
    if (before === -1) continue;
    const at = spike * INTERVAL;
    exc = exc * intervals[at + 1]! + membrane * intervals[at + 2]!;
    inh = inh * intervals[at + 3]! + membrane * intervals[at + 4]!;
    released[before] = releaseSlope[spike]! * membrane * intervals[at]!;
    wait = firstWait[spike]!;
    for (let arrival = first; arrival < middle; arrival++, wait++) {
      const place = row[arrival]! + column;
      const weight = weights[place]!;
      const adjoint = (weight < 0 ? inh : exc) * decays[wait]!;
      gradient[place] = gradient[place]! + adjoint;
      const source = arriving[arrival]!;
      if (source !== -1) moved[source] = moved[source]! + weight * (weight < 0 ? b + change : b) * adjoint;
    }
    excBefore[before] = exc * intervals[at + FLOW]!;
    inhBefore[before] = inh * intervals[at + FLOW + 1]!;
  }
  counts.spikes += spikes;
  counts.cappedJumps += capped;
}
