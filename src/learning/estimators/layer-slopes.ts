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
import {
  CONSTANTS,
  EXC_HOLD,
  EXC_RATE,
  INH_HOLD,
  INH_RATE,
  LEAK_RATE,
  RESET,
  THRESHOLD,
} from "./adjoint-constants.ts";
import { FLOW, response, writeFlow } from "./adjoint-flow.ts";
import type { AdjointPass } from "./adjoint-pass.ts";
import type { LayerArrivals } from "./layer-arrivals.ts";
import { INTERVAL, type LayerTrace } from "./layer-trace.ts";

/** Writes all of `trace`, which has room for it. */
export function findSlopes(
  trace: LayerTrace,
  { observation, timeline, weights }: AdjointPass,
  { start, size }: Population,
  { time: arrivalTime, row }: LayerArrivals,
  constants: Float64Array,
): void {
  const { time: spikeTime, index } = observation.spikes;
  const { count, previous, release } = timeline;
  const { slope, exc: excBefore, inh: inhBefore, released, begin, free, end, wait: firstWait } = trace;
  const { decays, responses } = trace;
  let arrived = 0;
  let wait = 0;
  for (let spike = 0; spike < count; spike++) {
    const column = index[spike]! - start;
    if (column < 0 || column >= size) continue;
    const own = (start + column) * CONSTANTS;
    const a = constants[own + LEAK_RATE]!;
    const b = constants[own + EXC_RATE]!;
    const change = constants[own + INH_RATE]! - b;
    const excess = b - a;
    const time = spikeTime[spike]!;
    while (arrivalTime[arrived]! < time) arrived++;
    const before = previous[spike]!;
    let exc = 0;
    let inh = 0;
    let arrival = 0;
    firstWait[spike] = wait;
    if (before === -1) {
      begin[spike] = 0;
    } else {
      arrival = end[before]!;
      begin[spike] = arrival;
      const until = release[before]!;
      writeInterval(trace.intervals, spike * INTERVAL, spikeTime[before]!, until, time, constants, own);
      exc = excBefore[before]! * trace.intervals[spike * INTERVAL + FLOW]!;
      inh = inhBefore[before]! * trace.intervals[spike * INTERVAL + FLOW + 1]!;
      for (; arrivalTime[arrival]! < until; arrival++) {
        const weight = weights[row[arrival]! + column]!;
        const negative = +(weight < 0);
        const left = decay((b + negative * change) * (until - arrivalTime[arrival]!));
        decays[wait++] = left;
        inh += negative * weight * left;
        exc += (1 - negative) * weight * left;
      }
      trace.releaseSlope[spike] = a * (exc + inh - constants[own + RESET]!);
      exc *= trace.intervals[spike * INTERVAL + 1]!;
      inh *= trace.intervals[spike * INTERVAL + 3]!;
    }
    free[spike] = arrival;
    for (; arrival < arrived; arrival++) {
      const s = time - arrivalTime[arrival]!;
      const weight = weights[row[arrival]! + column]!;
      // Signs are random: arithmetic costs less than a branch that is guessed wrong.
      const negative = +(weight < 0);
      const y = a * s;
      const x = (excess + negative * change) * s;
      const left = decay(y + x);
      decays[wait] = left;
      responses[wait] = response(left, y, x);
      wait++;
      const current = weight * left;
      inh += negative * current;
      exc += current - negative * current;
    }
    end[spike] = arrived;
    slope[spike] = a * (exc + inh - constants[own + THRESHOLD]!);
    excBefore[spike] = exc;
    inhBefore[spike] = inh;
    released[spike] = 0;
  }
}

/** Interval that began with a spike at `from` and its release at `until`, and ends at `to`. */
function writeInterval(
  intervals: Float64Array,
  at: number,
  from: number,
  until: number,
  to: number,
  constants: Float64Array,
  own: number,
): void {
  // A spike within the refractory time of the one before ends the hold early.
  const early = until === to;
  intervals[at + FLOW] = early ? decay(constants[own + EXC_RATE]! * (to - from)) : constants[own + EXC_HOLD]!;
  intervals[at + FLOW + 1] = early
    ? decay(constants[own + INH_RATE]! * (to - from))
    : constants[own + INH_HOLD]!;
  intervals[at] = to - until;
  writeFlow(constants, own, intervals, at);
}
