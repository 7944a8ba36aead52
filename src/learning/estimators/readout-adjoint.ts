/**
 * Exact adjoint of one population of membranes that never spike. The equations are in adjoint-pass.ts. All that
 * happens to such a neuron is samples, and arrivals change nothing of p: so each neuron goes back from its last sample
 * to its first arrival once for each of the projections onto it, through the list of its sources as observed.
 *
 * An arrival s before a sample with p_V = M and p_E = p has there, with K = K_b(s),
 *
 *     p_E = p e^{−bs} + M K        b p_E − a p_V = b p e^{−bs} + a M (K − e^{−bs})
 */

import { decay } from "../../model/decay.ts";
import type { Network, Population, Projection } from "../../network/network.ts";
import { CONSTANTS, EXC_RATE, INH_RATE, LEAK_RATE } from "./adjoint-constants.ts";
import { FLOW, response, writeFlow } from "./adjoint-flow.ts";
import type { AdjointPass, StageAdjoint } from "./adjoint-pass.ts";
import { goBackFromLast } from "./readout-last-sample.ts";
import { spikeTimeline } from "./spike-timeline.ts";

export function createReadoutAdjoint(
  network: Network,
  { name, start, size }: Population,
  constants: Float64Array,
): StageAdjoint {
  const projections = network.projections.filter(({ to }) => to === name);
  const state = new Float64Array(4);
  const flow = new Float64Array(FLOW);
  return {
    run(pass) {
      const { neuron: sampled } = pass.observation.voltages;
      const { pulled, pulledCount: count } = pass.timeline;
      let from = 0;
      while (from < count && sampled[pulled[from]!]! < start) from++;
      while (from < count && sampled[pulled[from]!]! < start + size) {
        const neuron = sampled[pulled[from]!]!;
        let to = from + 1;
        while (to < count && sampled[pulled[to]!] === neuron) to++;
        for (const projection of projections) {
          goBack(neuron, projection, network.inputs, from, to, pass, constants, state, flow);
        }
        from = to;
      }
    },
  };
}

/** What arrives at one neuron through one projection; its samples are from … to − 1 of those with a cotangent. */
function goBack(
  neuron: number,
  projection: Projection,
  inputs: number,
  from: number,
  to: number,
  pass: AdjointPass,
  constants: Float64Array,
  state: Float64Array,
  flow: Float64Array,
): void {
  let end = goBackFromLast(neuron, projection, inputs, from, to, pass, constants);
  if (end === 0) return;
  const decayOf = decay;
  const responseOf = response;
  const { sourceStart, sources, targetStart, targets, offset } = projection;
  const { room, observation, weights, gradient, cotangent } = pass;
  const { pulled, moved } = spikeTimeline(room);
  const pull = cotangent.voltage;
  const sampleTime = observation.voltages.time;
  const bySpikes = sourceStart >= inputs;
  const { time: arrivalTime, index } = bySpikes ? observation.spikes : observation.inputs;
  const first = bySpikes ? sourceStart - inputs : sourceStart;
  const column = offset + neuron - targetStart;
  const own = neuron * CONSTANTS;
  const a = constants[own + LEAK_RATE]!;
  // p_V at the sample; the state is b, c, p_E and p_I.
  let membrane = pull[pulled[to - 1]!]!;
  state[0] = constants[own + EXC_RATE]!;
  state[1] = constants[own + INH_RATE]!;
  state[2] = 0;
  state[3] = 0;
  for (let sample = to - 2; sample >= from; sample--) {
    const now = sampleTime[pulled[sample]!]!;
    flow[0] = sampleTime[pulled[sample + 1]!]! - now;
    writeFlow(constants, own, flow, 0);
    state[2] = state[2]! * flow[1]! + membrane * flow[2]!;
    state[3] = state[3]! * flow[3]! + membrane * flow[4]!;
    membrane = membrane * flow[0]! + pull[pulled[sample]!]!;
    const before = sample === from ? Number.NEGATIVE_INFINITY : sampleTime[pulled[sample - 1]!]!;
    while (end > 0 && arrivalTime[end - 1]! >= now) end--;
    const drive = a * membrane;
    while (end > 0) {
      const time = arrivalTime[end - 1]!;
      if (time < before) break;
      end--;
      const source = index[end]! - first;
      if (source < 0 || source >= sources) continue;
      const s = now - time;
      const place = source * targets + column;
      const weight = weights[place]!;
      // Signs are random: arithmetic costs less than a branch that is guessed wrong.
      const slot = +(weight < 0);
      const rate = state[slot]!;
      const left = decayOf(rate * s);
      const answer = responseOf(left, a * s, (rate - a) * s);
      const through = state[2 + slot]! * left;
      gradient[place] = gradient[place]! + through + membrane * answer;
      if (bySpikes) moved[end] = moved[end]! + weight * (rate * through + drive * (answer - left));
    }
    if (end === 0) return;
  }
}
