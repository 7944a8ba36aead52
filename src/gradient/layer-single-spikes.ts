/**
 * The neurons of a layer that spike once up to the horizon, often most of them: the way of layer-neurons.ts without
 * intervals, without holds, and with p_E = p_I = 0 at the spike. What the neuron has to look back at is one number:
 *
 *     p_V = −(∂L/∂t) / V̇(t⁻)        p_E = p_V K_b(s) at an arrival s before the spike
 */

import type { Population } from "../network/network.ts";
import * as model from "../neuron/decay.ts";
import * as table from "./adjoint-constants.ts";
import * as motion from "./adjoint-flow.ts";
import type { AdjointPass } from "./adjoint-pass.ts";
import { layerArrivals } from "./layer-arrivals.ts";
import { layerTrace } from "./layer-trace.ts";
import { neuronRates } from "./neuron-rates.ts";
import { spikeTimeline } from "./spike-timeline.ts";

// Copied: see working-arrays.ts.
const { decay } = model;
const { response } = motion;
const { CONSTANTS, LEAK_RATE, EXC_RATE, INH_RATE, THRESHOLD } = table;
const rates = neuronRates;

/** `floor`: smallest slope at a spike, in thresholds per τ_m. */
export function goThroughSingleSpikes(
  { room, observation, weights, gradient, counts }: AdjointPass,
  { start }: Population,
  constants: Float64Array,
  floor: number,
): void {
  const { moved } = spikeTimeline(room);
  const { time: arrivalTime, origin } = layerArrivals(room);
  const { waits, single, singleCount } = layerTrace(room);
  const { time: spikeTime, index } = observation.spikes;
  let arrived = 0;
  let jumps = 0;
  let capped = 0;
  for (let entry = 0; entry < singleCount; entry++) {
    const spike = single[entry]!;
    const time = spikeTime[spike]!;
    while (arrivalTime[arrived]! < time) arrived++;
    const jump = -moved[spike]!;
    if (jump === 0) continue;
    jumps++;
    const column = index[spike]! - start;
    const own = (start + column) * CONSTANTS;
    const a = constants[own + LEAK_RATE]!;
    rates[0] = constants[own + EXC_RATE]!;
    rates[1] = constants[own + INH_RATE]!;
    let current = 0;
    for (let arrival = 0; arrival < arrived; arrival++) {
      const s = time - arrivalTime[arrival]!;
      const weight = weights[origin[2 * arrival]! + column]!;
      // Signs are random: arithmetic costs less than a branch that is guessed wrong.
      const rate = rates[+(weight < 0)]!;
      const left = decay(rate * s);
      waits[2 * arrival] = left;
      waits[2 * arrival + 1] = response(left, a * s, (rate - a) * s);
      current += weight * left;
    }
    const threshold = constants[own + THRESHOLD]!;
    const rise = a * (current - threshold);
    const lowest = floor * a * threshold;
    let membrane = 0;
    if (rise > 0 && rise >= lowest) {
      membrane = jump / rise;
    } else {
      capped++;
      membrane = lowest > 0 ? jump / lowest : 0;
    }
    const drive = a * membrane;
    for (let arrival = 0; arrival < arrived; arrival++) {
      const place = origin[2 * arrival]! + column;
      const answer = waits[2 * arrival + 1]!;
      gradient[place] = gradient[place]! + membrane * answer;
      const source = origin[2 * arrival + 1]!;
      if (source === -1) continue;
      moved[source] = moved[source]! + weights[place]! * (drive * (answer - waits[2 * arrival]!));
    }
  }
  counts.spikes += jumps;
  counts.cappedJumps += capped;
}
