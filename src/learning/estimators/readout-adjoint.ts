/**
 * Exact adjoint of one population of membranes that never spike. The equations are in adjoint-pass.ts. All that
 * happens to such a neuron is samples; each neuron goes back from its last sample to its first arrival.
 *
 * An arrival s before a sample with p_V = M and p_E = p has there, with K = K_b(s),
 *
 *     p_E = p e^{−bs} + M K        b p_E − a p_V = b p e^{−bs} + a M (K − e^{−bs})
 */

import { decay } from "../../model/decay.ts";
import type { Network, Population } from "../../network/network.ts";
import { CONSTANTS, EXC_RATE, INH_RATE, LEAK_RATE } from "./adjoint-constants.ts";
import { FLOW, response, writeFlow } from "./adjoint-flow.ts";
import type { AdjointPass, StageAdjoint } from "./adjoint-pass.ts";
import { createLayerArrivals, type LayerArrivals } from "./layer-arrivals.ts";

export function createReadoutAdjoint(
  network: Network,
  { name, model, start, size }: Population,
  constants: Float64Array,
): StageAdjoint {
  const arrivals = createLayerArrivals(network, { name, model, start, size });
  const state = new Float64Array(4);
  const flow = new Float64Array(FLOW);
  return {
    run(pass) {
      arrivals.read(pass);
      const { neuron: sampled, count } = pass.observation.voltages;
      let from = 0;
      while (from < count && sampled[from]! < start) from++;
      while (from < count && sampled[from]! < start + size) {
        const neuron = sampled[from]!;
        let to = from + 1;
        while (to < count && sampled[to] === neuron) to++;
        goBack(neuron, start, from, to, pass, arrivals, constants, state, flow);
        from = to;
      }
    },
  };
}

/** One neuron of the population that begins at `start`; its samples are entries from … to − 1 of the observation. */
function goBack(
  neuron: number,
  start: number,
  from: number,
  to: number,
  { observation, weights, gradient, moved, cotangent }: AdjointPass,
  { count, time: arrivalTime, origin }: LayerArrivals,
  constants: Float64Array,
  state: Float64Array,
  flow: Float64Array,
): void {
  const decayOf = decay;
  const responseOf = response;
  const pull = cotangent.voltage;
  const sampleTime = observation.voltages.time;
  const column = neuron - start;
  const own = neuron * CONSTANTS;
  const a = constants[own + LEAK_RATE]!;
  let sample = to - 1;
  while (sample >= from && pull[sample] === 0) sample--;
  // p_V at the sample; the state is b, c, p_E and p_I.
  let membrane = 0;
  state[0] = constants[own + EXC_RATE]!;
  state[1] = constants[own + INH_RATE]!;
  state[2] = 0;
  state[3] = 0;
  let end = count;
  while (sample >= from) {
    const now = sampleTime[sample]!;
    membrane += pull[sample]!;
    do sample--;
    while (sample >= from && pull[sample] === 0);
    const before = sample < from ? Number.NEGATIVE_INFINITY : sampleTime[sample]!;
    while (end > 0 && arrivalTime[end - 1]! >= now) end--;
    const drive = a * membrane;
    while (end > 0) {
      const time = arrivalTime[end - 1]!;
      if (time < before) break;
      end--;
      const s = now - time;
      const place = origin[2 * end]! + column;
      const weight = weights[place]!;
      // Signs are random: arithmetic costs less than a branch that is guessed wrong.
      const slot = +(weight < 0);
      const rate = state[slot]!;
      const left = decayOf(rate * s);
      const answer = responseOf(left, a * s, (rate - a) * s);
      const through = state[2 + slot]! * left;
      gradient[place] = gradient[place]! + through + membrane * answer;
      const spike = origin[2 * end + 1]!;
      if (spike !== -1) {
        moved[spike] = moved[spike]! + weight * (rate * through + drive * (answer - left));
      }
    }
    if (end === 0) return;
    flow[0] = now - before;
    writeFlow(constants, own, flow, 0);
    state[2] = state[2]! * flow[1]! + membrane * flow[2]!;
    state[3] = state[3]! * flow[3]! + membrane * flow[4]!;
    membrane *= flow[0]!;
  }
}
