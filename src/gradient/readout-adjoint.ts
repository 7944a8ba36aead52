/**
 * Exact adjoint of one population of membranes that never spike. The equations are in adjoint-pass.ts. All that
 * happens to such a neuron is samples, and arrivals change nothing of p: so each neuron goes back from its last sample
 * to its first arrival, sample by sample.
 *
 * An arrival s before a sample with p_V = M and p_E = p has there, with K = K_b(s),
 *
 *     p_E = p e^{−bs} + M K        b p_E − a p_V = b p e^{−bs} + a M (K − e^{−bs})
 */

import type { Network, Population } from "../network/network.ts";
import * as model from "../neuron/decay.ts";
import { CONSTANTS, EXC_RATE, INH_RATE, LEAK_RATE } from "./adjoint-constants.ts";
import * as motion from "./adjoint-flow.ts";
import type { AdjointPass, StageAdjoint } from "./adjoint-pass.ts";
import { createArrivalReader, layerArrivals } from "./layer-arrivals.ts";
import { neuronRates } from "./neuron-rates.ts";
import { goBackFromLast } from "./readout-last-sample.ts";
import { spikeTimeline } from "./spike-timeline.ts";

// Copied: see working-arrays.ts.
const { decay } = model;
const { FLOW, response, writeFlow } = motion;
const rates = neuronRates;

export function createReadoutAdjoint(
  network: Network,
  population: Population,
  constants: Float64Array,
): StageAdjoint {
  const { start, size } = population;
  const readArrivals = createArrivalReader(network, population);
  const adjoint = new Float64Array(2);
  const flow = new Float64Array(FLOW);
  return {
    run(pass) {
      const { neuron: sampled } = pass.observation.voltages;
      const { pulled, pulledCount: count } = spikeTimeline(pass.room);
      let from = 0;
      while (from < count && sampled[pulled[from]!]! < start) from++;
      if (from === count) return;
      const arrived = readArrivals(pass);
      while (from < count && sampled[pulled[from]!]! < start + size) {
        const neuron = sampled[pulled[from]!]!;
        let to = from + 1;
        while (to < count && sampled[pulled[to]!] === neuron) to++;
        const last = pulled[to - 1]!;
        const end = countBefore(pass, arrived, last);
        const begin = to - 1 === from ? 0 : countBefore(pass, end, pulled[to - 2]!);
        goBackFromLast(neuron, population, begin, end, last, pass, constants);
        if (begin > 0) goBack(neuron, population, begin, from, to, pass, constants, adjoint, flow);
        from = to;
      }
    },
  };
}

/** How many of the first `end` arrivals are earlier than a sample. */
function countBefore({ room, observation }: AdjointPass, end: number, sample: number): number {
  const { time } = layerArrivals(room);
  const now = observation.voltages.time[sample]!;
  let count = end;
  while (count > 0 && time[count - 1]! >= now) count--;
  return count;
}

/**
 * From the last sample of a neuron on, before which `arrived` arrivals are left. Its samples are from … to − 1 of those
 * with a cotangent.
 */
function goBack(
  neuron: number,
  { start }: Population,
  arrived: number,
  from: number,
  to: number,
  pass: AdjointPass,
  constants: Float64Array,
  adjoint: Float64Array,
  flow: Float64Array,
): void {
  const { room, observation, weights, gradient, cotangent } = pass;
  const { pulled, moved } = spikeTimeline(room);
  const { time: arrivalTime, origin } = layerArrivals(room);
  const pull = cotangent.voltage;
  const sampleTime = observation.voltages.time;
  const column = neuron - start;
  const own = neuron * CONSTANTS;
  const a = constants[own + LEAK_RATE]!;
  // p_V at the sample; p_E and p_I are in `adjoint`.
  let membrane = pull[pulled[to - 1]!]!;
  let end = arrived;
  rates[0] = constants[own + EXC_RATE]!;
  rates[1] = constants[own + INH_RATE]!;
  adjoint[0] = 0;
  adjoint[1] = 0;
  for (let sample = to - 2; sample >= from; sample--) {
    const now = sampleTime[pulled[sample]!]!;
    flow[0] = sampleTime[pulled[sample + 1]!]! - now;
    writeFlow(constants, own, flow, 0);
    adjoint[0] = adjoint[0]! * flow[1]! + membrane * flow[2]!;
    adjoint[1] = adjoint[1]! * flow[3]! + membrane * flow[4]!;
    membrane = membrane * flow[0]! + pull[pulled[sample]!]!;
    const begin = sample === from ? 0 : countBefore(pass, end, pulled[sample - 1]!);
    const drive = a * membrane;
    for (let arrival = end - 1; arrival >= begin; arrival--) {
      const s = now - arrivalTime[arrival]!;
      const place = origin[2 * arrival]! + column;
      const weight = weights[place]!;
      // Signs are random: arithmetic costs less than a branch that is guessed wrong.
      const slot = +(weight < 0);
      const rate = rates[slot]!;
      const left = decay(rate * s);
      const answer = response(left, a * s, (rate - a) * s);
      const through = adjoint[slot]! * left;
      gradient[place] = gradient[place]! + through + membrane * answer;
      const source = origin[2 * arrival + 1]!;
      if (source === -1) continue;
      moved[source] = moved[source]! + weight * (rate * through + drive * (answer - left));
    }
    end = begin;
  }
}
