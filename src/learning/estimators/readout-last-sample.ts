/**
 * The way back of a readout (readout-adjoint.ts) from its last sample to the one before. After the last sample nothing
 * counts, so p_E = p_I = 0 there, and what arrived before it only meets the sample's own M:
 *
 *     p_E = M K        b p_E − a p_V = a M (K − e^{−bs})
 *
 * Losses that look at one sample of each readout, such as its maximum, need nothing else.
 */

import { decay } from "../../model/decay.ts";
import type { Projection } from "../../network/network.ts";
import { CONSTANTS, EXC_RATE, LEAK_RATE } from "./adjoint-constants.ts";
import { response } from "./adjoint-flow.ts";
import type { AdjointPass } from "./adjoint-pass.ts";
import { spikeTimeline } from "./spike-timeline.ts";

/** As `goBack`, for the last sample alone; the number of arrivals that are left for those before. */
export function goBackFromLast(
  neuron: number,
  { sourceStart, sources, targetStart, targets, offset }: Projection,
  inputs: number,
  from: number,
  to: number,
  { room, observation, weights, gradient, cotangent }: AdjointPass,
  constants: Float64Array,
): number {
  const decayOf = decay;
  const responseOf = response;
  const timeline = spikeTimeline(room);
  const { pulled, moved } = timeline;
  const sampleTime = observation.voltages.time;
  const bySpikes = sourceStart >= inputs;
  const { time: arrivalTime, index } = bySpikes ? observation.spikes : observation.inputs;
  const first = bySpikes ? sourceStart - inputs : sourceStart;
  const column = offset + neuron - targetStart;
  const a = constants[neuron * CONSTANTS + LEAK_RATE]!;
  const rates = neuron * CONSTANTS + EXC_RATE;
  const last = pulled[to - 1]!;
  const now = sampleTime[last]!;
  const before = to - 1 === from ? Number.NEGATIVE_INFINITY : sampleTime[pulled[to - 2]!]!;
  const membrane = cotangent.voltage[last]!;
  const drive = a * membrane;
  let end = bySpikes ? timeline.count : timeline.inputs;
  while (end > 0 && arrivalTime[end - 1]! >= now) end--;
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
    const rate = constants[rates + +(weight < 0)]!;
    const left = decayOf(rate * s);
    const answer = responseOf(left, a * s, (rate - a) * s);
    gradient[place] = gradient[place]! + membrane * answer;
    if (bySpikes) moved[end] = moved[end]! + weight * (drive * (answer - left));
  }
  return end;
}
