/**
 * The way forwards through a layer, spike after spike: slopes of the membranes at own spikes, from observed spikes
 * alone. The synaptic currents, which nobody observes, are run again with the network's constants.
 *
 *     before a spike  V̇(t_k⁻) = (I(t_k⁻) − ϑ)/τ_m        after a release  V̇(release⁺) = (I(release⁺) − V_r)/τ_m
 *
 * with I = I_e + I_i. Since spikes ascend, the arrivals before a spike end where those before the last one did, or
 * later: nearly all first spikes have the same number of them, which the processor learns.
 */

import { decay } from "../../model/decay.ts";
import type { Population } from "../../network/network.ts";
import { CONSTANTS, EXC_RATE, LEAK_RATE, RESET, THRESHOLD } from "./adjoint-constants.ts";
import { FLOW, response } from "./adjoint-flow.ts";
import type { AdjointPass } from "./adjoint-pass.ts";
import type { LayerArrivals } from "./layer-arrivals.ts";
import { INTERVAL, type LayerTrace } from "./layer-trace.ts";

/** Writes the slopes and waits of `trace`, which has room for them and holds the intervals. */
export function findSlopes(
  trace: LayerTrace,
  { observation, timeline, weights }: AdjointPass,
  { start, size }: Population,
  { time: arrivalTime, row }: LayerArrivals,
  constants: Float64Array,
): void {
  const { time: spikeTime, index } = observation.spikes;
  const { count, previous, release } = timeline;
  const { slope, releaseSlope, intervals, free, end, decays, responses, state } = trace;
  const numbers = CONSTANTS;
  const [leakRate, excRate, ofThreshold, ofReset] = [LEAK_RATE, EXC_RATE, THRESHOLD, RESET];
  const interval = INTERVAL;
  const hold = FLOW;
  const decayOf = decay;
  const responseOf = response;
  let arrived = 0;
  let wait = 0;
  for (let spike = 0; spike < count; spike++) {
    const column = index[spike]! - start;
    if (column < 0 || column >= size) continue;
    const own = (start + column) * numbers;
    const a = constants[own + leakRate]!;
    const rates = own + excRate;
    const time = spikeTime[spike]!;
    while (arrivalTime[arrived]! < time) arrived++;
    const before = previous[spike]!;
    let exc = 0;
    let inh = 0;
    let arrival = 0;
    if (before !== -1) {
      const at = spike * interval;
      const until = release[before]!;
      exc = state[2 * column]! * intervals[at + hold]!;
      inh = state[2 * column + 1]! * intervals[at + hold + 1]!;
      for (arrival = end[before]!; arrivalTime[arrival]! < until; arrival++) {
        const weight = weights[row[arrival]! + column]!;
        const left = decayOf(constants[rates + +(weight < 0)]! * (until - arrivalTime[arrival]!));
        decays[wait++] = left;
        exc += 0.5 * (weight + Math.abs(weight)) * left;
        inh += 0.5 * (weight - Math.abs(weight)) * left;
      }
      free[spike] = arrival;
      releaseSlope[spike] = a * (exc + inh - constants[own + ofReset]!);
      exc *= intervals[at + 1]!;
      inh *= intervals[at + 3]!;
    }
    for (; arrival < arrived; arrival++) {
      const s = time - arrivalTime[arrival]!;
      const weight = weights[row[arrival]! + column]!;
      // Signs are random: arithmetic costs less than a branch that is guessed wrong.
      const rate = constants[rates + +(weight < 0)]!;
      const left = decayOf(rate * s);
      decays[wait] = left;
      responses[wait] = responseOf(left, a * s, (rate - a) * s);
      wait++;
      exc += 0.5 * (weight + Math.abs(weight)) * left;
      inh += 0.5 * (weight - Math.abs(weight)) * left;
    }
    end[spike] = arrived;
    slope[spike] = a * (exc + inh - constants[own + ofThreshold]!);
    state[2 * column] = exc;
    state[2 * column + 1] = inh;
  }
  trace.waits = wait;
}
