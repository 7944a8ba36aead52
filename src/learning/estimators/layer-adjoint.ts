/**
 * Exact adjoint of one population that does not act on itself, neuron after neuron: slopes at its own spikes
 * first, then backwards in time. The equations are in adjoint-pass.ts.
 *
 * Neurons without spikes and samples are never looked at, and arrivals after the last of these neither.
 */

import { decay } from "../../model/decay.ts";
import type { Network, Population } from "../../network/network.ts";
import { CONSTANTS, EXC_RATE, INH_RATE, LEAK_RATE } from "./adjoint-constants.ts";
import { FLOW, writeFlow } from "./adjoint-flow.ts";
import type { AdjointPass, StageAdjoint } from "./adjoint-pass.ts";
import { createLayerArrivals, type LayerArrivals } from "./layer-arrivals.ts";
import { findSlopes, type SpikeSlopes, spikeSlopes } from "./layer-slopes.ts";

/** `floor`: smallest slope at a spike, in 1/τ_m. */
export function createLayerAdjoint(
  network: Network,
  population: Population,
  constants: Float64Array,
  floor: number,
): StageAdjoint {
  const arrivals = createLayerArrivals(network, population, constants);
  const slopes = spikeSlopes();
  return {
    run(pass) {
      arrivals.read(pass);
      if (population.model === "lif") findSlopes(pass, population, arrivals, constants, slopes);
      goBack(pass, population, arrivals, constants, slopes, floor);
    },
  };
}

/** Each neuron from its last event to its first arrival. */
function goBack(
  pass: AdjointPass,
  { start, size }: Population,
  { count: arrivalCount, time: arrivalTime, row, spike: arriving, shared, flows }: LayerArrivals,
  constants: Float64Array,
  { before, after }: SpikeSlopes,
  floor: number,
): void {
  const { weights, gradient, moved, counts, timeline, observation } = pass;
  const { horizon, previous, release, last } = timeline;
  const { count: sampleCount, neuron: sampled, time: sampleTimes } = observation.voltages;
  const spikeTime = observation.spikes.time;
  const pull = pass.cotangent.voltage;
  let spikes = 0;
  let capped = 0;
  let samplesEnd = 0;
  for (let column = 0; column < size; column++) {
    const neuron = start + column;
    while (samplesEnd < sampleCount && sampled[samplesEnd]! < neuron) samplesEnd++;
    const samplesStart = samplesEnd;
    while (samplesEnd < sampleCount && sampled[samplesEnd] === neuron) samplesEnd++;
    let sample = samplesEnd - 1;
    while (sample >= samplesStart && pull[sample] === 0) sample--;
    let spike = last[neuron]!;
    if (spike === -1 && sample < samplesStart) continue;

    const place = neuron * CONSTANTS;
    const a = constants[place + LEAK_RATE]!;
    const b = constants[place + EXC_RATE]!;
    const c = constants[place + INH_RATE]!;
    const two = b !== c;
    const equal = a === b && !two;
    const lowest = floor * a;
    let sampleTime = sample >= samplesStart ? sampleTimes[sample]! : Number.NEGATIVE_INFINITY;
    // p_V, p_E, p_I (p_E alone when they decay alike) and the time they hold for; zero until reached.
    let membrane = 0;
    let exc = 0;
    let inh = 0;
    let now = horizon;
    let reached = false;
    let released = 0;
    let free = spike === -1 || release[spike]! <= now;
    let k = arrivalCount - 1;
    let ownTime = timeBefore(spike, free, release, spikeTime);
    let next = Math.max(ownTime, sampleTime);
    while (k >= 0) {
      const arrival = arrivalTime[k]!;
      const arrives = arrival >= next;
      const time = arrives ? arrival : next;
      if (reached && time < now) {
        const s = now - time;
        if (!free) {
          exc *= decay(b * s);
          if (two) inh *= decay(c * s);
        } else if (equal) {
          const leak = decay(a * s);
          exc = (exc + membrane * a * s) * leak;
          membrane *= leak;
        } else {
          let flow = (k + 1) * FLOW;
          if (!arrives || !shared || now !== arrivalTime[k + 1]!) {
            flow = 0;
            flows[0] = s;
            writeFlow(constants, place, flows, 0);
          }
          exc = exc * flows[flow + 1]! + membrane * flows[flow + 2]!;
          if (two) inh = inh * flows[flow + 3]! + membrane * flows[flow + 4]!;
          membrane *= flows[flow]!;
        }
      }
      now = time;
      if (arrives) {
        if (reached) {
          const at = row[k]! + column;
          const weight = weights[at]!;
          let adjoint = exc;
          let rate = b;
          if (two) {
            // Signs are random: arithmetic costs less than a branch that is guessed wrong.
            const negative = +(weight < 0);
            adjoint += negative * (inh - exc);
            rate += negative * (c - b);
          }
          gradient[at] = gradient[at]! + adjoint;
          const source = arriving[k]!;
          if (source !== -1) moved[source] = moved[source]! + weight * (rate * adjoint - a * membrane);
        }
        k--;
        continue;
      }
      if (sampleTime === next && !(free && ownTime === next)) {
        if (free) {
          membrane += pull[sample]!;
          reached = true;
        }
        sample--;
        while (sample >= samplesStart && pull[sample] === 0) sample--;
        sampleTime = sample >= samplesStart ? sampleTimes[sample]! : Number.NEGATIVE_INFINITY;
      } else if (free) {
        released = after[spike]! * membrane;
        membrane = 0;
        free = false;
      } else {
        const change = released - moved[spike]!;
        if (change !== 0) {
          const slope = before[spike]!;
          spikes++;
          reached = true;
          if (slope > 0 && slope >= lowest) {
            membrane = change / slope;
          } else {
            capped++;
            membrane = lowest > 0 ? change / lowest : 0;
          }
        }
        released = 0;
        spike = previous[spike]!;
        free = spike === -1 || release[spike]! <= now;
      }
      ownTime = timeBefore(spike, free, release, spikeTime);
      next = Math.max(ownTime, sampleTime);
    }
  }
  counts.spikes += spikes;
  counts.cappedJumps += capped;
}

/** When the neuron's next own event backwards is: its release while it is free, else the spike that holds it. */
function timeBefore(spike: number, free: boolean, release: Float64Array, spikeTime: Float64Array): number {
  if (spike === -1) return Number.NEGATIVE_INFINITY;
  return free ? release[spike]! : spikeTime[spike]!;
}
