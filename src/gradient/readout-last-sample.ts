/**
 * The way back of a readout (readout-adjoint.ts) from its last sample to the one before. After the last sample nothing
 * counts, so p_E = p_I = 0 there, and what arrived before it only meets the sample's own M:
 *
 *     p_E = M K        b p_E − a p_V = a M (K − e^{−bs})
 *
 * Losses that look at one sample of each readout, such as its maximum, need nothing else.
 */

import type { Population } from "../network/network.ts";
import * as model from "../neuron/decay.ts";
import { CONSTANTS, EXC_RATE, INH_RATE, LEAK_RATE } from "./adjoint-constants.ts";
import * as motion from "./adjoint-flow.ts";
import type { AdjointPass } from "./adjoint-pass.ts";
import { layerArrivals } from "./layer-arrivals.ts";
import { neuronRates } from "./neuron-rates.ts";
import { spikeTimeline } from "./spike-timeline.ts";

// Copied: see working-arrays.ts.
const { decay } = model;
const { response } = motion;
const rates = neuronRates;

/** As `goBack`, from `sample` through arrivals begin … end − 1. */
export function goBackFromLast(
  neuron: number,
  { start }: Population,
  begin: number,
  end: number,
  sample: number,
  { room, observation, weights, gradient, cotangent }: AdjointPass,
  constants: Float64Array,
): void {
  const { moved } = spikeTimeline(room);
  const { time: arrivalTime, origin } = layerArrivals(room);
  const column = neuron - start;
  const own = neuron * CONSTANTS;
  const a = constants[own + LEAK_RATE]!;
  rates[0] = constants[own + EXC_RATE]!;
  rates[1] = constants[own + INH_RATE]!;
  const now = observation.voltages.time[sample]!;
  const membrane = cotangent.voltage[sample]!;
  const drive = a * membrane;
  for (let arrival = end - 1; arrival >= begin; arrival--) {
    const s = now - arrivalTime[arrival]!;
    const place = origin[2 * arrival]! + column;
    const weight = weights[place]!;
    // Signs are random: arithmetic costs less than a branch that is guessed wrong.
    const rate = rates[+(weight < 0)]!;
    const left = decay(rate * s);
    const answer = response(left, a * s, (rate - a) * s);
    gradient[place] = gradient[place]! + membrane * answer;
    const source = origin[2 * arrival + 1]!;
    if (source === -1) continue;
    moved[source] = moved[source]! + weight * (drive * (answer - left));
  }
}
