/**
 * The way through the neurons of a layer that spike several times (for the others see layer-single-spikes.ts), neuron
 * after neuron: forwards along the neuron's spikes for the slopes of its membrane, and from the last spike back to the
 * first. The synaptic currents, which nobody observes, are run again with the network's constants:
 *
 *     before a spike  V̇(t_k⁻) = (I(t_k⁻) − ϑ)/τ_m        after a release  V̇(release⁺) = (I(release⁺) − V_r)/τ_m
 *
 * with I = I_e + I_i. Neurons come in the order of their first spikes: nearly all of these have the same number of
 * arrivals before them as the one before, which the processor learns.
 */

import { decay } from "../../model/decay.ts";
import type { Population } from "../../network/network.ts";
import { CONSTANTS, EXC_RATE, INH_RATE, LEAK_RATE, RESET, THRESHOLD } from "./adjoint-constants.ts";
import { response } from "./adjoint-flow.ts";
import type { AdjointPass } from "./adjoint-pass.ts";
import { layerArrivals } from "./layer-arrivals.ts";
import { FREE, HOLD, layerTrace, RELEASE_SLOPE, SPIKE, WAIT } from "./layer-trace.ts";
import { spikeTimeline } from "./spike-timeline.ts";

// Imports are looked up wherever they are used, constants of the module itself are not.
const [numbers, leakRate, excRate, inhRate] = [CONSTANTS, LEAK_RATE, EXC_RATE, INH_RATE];
const [ofThreshold, ofReset] = [THRESHOLD, RESET];
const [stride, releaseSlope, hold, free, waitNumbers] = [SPIKE, RELEASE_SLOPE, HOLD, FREE, WAIT];
const decayOf = decay;
const responseOf = response;

/** The trace holds the layer's intervals; `floor`: smallest slope at a spike, in 1/τ_m. */
export function goThroughNeurons(
  { room, observation, weights, gradient, counts }: AdjointPass,
  { start }: Population,
  constants: Float64Array,
  floor: number,
): void {
  const { previous, following, release, moved } = spikeTimeline(room);
  const { time: arrivalTime, origin } = layerArrivals(room);
  const { spikes, bounds, waits, rates, several, severalCount } = layerTrace(room);
  const { time: spikeTime, index } = observation.spikes;
  let arrivedFirst = 0;
  let jumps = 0;
  let capped = 0;
  for (let entry = 0; entry < severalCount; entry++) {
    let spike = several[entry]!;
    const column = index[spike]! - start;
    const own = (start + column) * numbers;
    const a = constants[own + leakRate]!;
    rates[0] = constants[own + excRate]!;
    rates[1] = constants[own + inhRate]!;
    const threshold = constants[own + ofThreshold]!;
    const firstTime = spikeTime[spike]!;
    while (arrivalTime[arrivedFirst]! < firstTime) arrivedFirst++;

    let exc = 0;
    let inh = 0;
    let arrival = 0;
    let arrived = arrivedFirst;
    let wait = 0;
    for (;;) {
      const at = spike * stride;
      const time = spikeTime[spike]!;
      bounds[2 * spike] = arrival;
      for (; arrival < arrived; arrival++) {
        const s = time - arrivalTime[arrival]!;
        const weight = weights[origin[2 * arrival]! + column]!;
        // Signs are random: arithmetic costs less than a branch that is guessed wrong.
        const slot = +(weight < 0);
        const rate = rates[slot]!;
        const left = decayOf(rate * s);
        const inhLeft = slot * left;
        const excLeft = left - inhLeft;
        waits[wait] = excLeft;
        waits[wait + 1] = inhLeft;
        waits[wait + 2] = responseOf(left, a * s, (rate - a) * s);
        wait += waitNumbers;
        exc += weight * excLeft;
        inh += weight * inhLeft;
      }
      bounds[2 * spike + 1] = arrived;
      spikes[at] = a * (exc + inh - threshold);
      const next = following[spike]!;
      if (next === -1) break;
      const until = release[spike]!;
      const interval = next * stride;
      exc *= spikes[interval + hold]!;
      inh *= spikes[interval + hold + 1]!;
      for (; arrivalTime[arrival]! < until; arrival++) {
        const weight = weights[origin[2 * arrival]! + column]!;
        const slot = +(weight < 0);
        const left = decayOf(rates[slot]! * (until - arrivalTime[arrival]!));
        const inhLeft = slot * left;
        const excLeft = left - inhLeft;
        waits[wait] = excLeft;
        waits[wait + 1] = inhLeft;
        wait += waitNumbers;
        exc += weight * excLeft;
        inh += weight * inhLeft;
      }
      spikes[interval + releaseSlope] = a * (exc + inh - constants[own + ofReset]!);
      exc *= spikes[interval + free + 1]!;
      inh *= spikes[interval + free + 3]!;
      spike = next;
      const nextTime = spikeTime[spike]!;
      for (arrived = arrival; arrivalTime[arrived]! < nextTime; ) arrived++;
    }

    // Back again: p_E and p_I at the spike, p_V there in `membrane`, and q.
    let adjointExc = 0;
    let adjointInh = 0;
    let released = 0;
    for (;;) {
      const at = spike * stride;
      let membrane = 0;
      const jump = released - moved[spike]!;
      if (jump !== 0) {
        const rise = spikes[at]!;
        const lowest = floor * a;
        jumps++;
        if (rise > 0 && rise >= lowest) {
          membrane = jump / rise;
        } else {
          capped++;
          membrane = lowest > 0 ? jump / lowest : 0;
        }
      }
      const begin = bounds[2 * spike]!;
      const drive = a * membrane;
      for (arrival = bounds[2 * spike + 1]! - 1; arrival >= begin; arrival--) {
        wait -= waitNumbers;
        const place = origin[2 * arrival]! + column;
        const throughExc = adjointExc * waits[wait]!;
        const throughInh = adjointInh * waits[wait + 1]!;
        const answer = waits[wait + 2]!;
        gradient[place] = gradient[place]! + (throughExc + throughInh) + membrane * answer;
        const source = origin[2 * arrival + 1]!;
        if (source === -1) continue;
        const left = waits[wait]! + waits[wait + 1]!;
        const through = rates[0]! * throughExc + rates[1]! * throughInh;
        moved[source] = moved[source]! + weights[place]! * (through + drive * (answer - left));
      }
      const before = previous[spike]!;
      if (before === -1) break;
      adjointExc = adjointExc * spikes[at + free + 1]! + membrane * spikes[at + free + 2]!;
      adjointInh = adjointInh * spikes[at + free + 3]! + membrane * spikes[at + free + 4]!;
      released = spikes[at + releaseSlope]! * membrane * spikes[at + free]!;
      const held = bounds[2 * before + 1]!;
      for (arrival = begin - 1; arrival >= held; arrival--) {
        wait -= waitNumbers;
        const place = origin[2 * arrival]! + column;
        const throughExc = adjointExc * waits[wait]!;
        const throughInh = adjointInh * waits[wait + 1]!;
        gradient[place] = gradient[place]! + (throughExc + throughInh);
        const source = origin[2 * arrival + 1]!;
        if (source === -1) continue;
        const through = rates[0]! * throughExc + rates[1]! * throughInh;
        moved[source] = moved[source]! + weights[place]! * through;
      }
      adjointExc *= spikes[at + hold]!;
      adjointInh *= spikes[at + hold + 1]!;
      spike = before;
    }
  }
  counts.spikes += jumps;
  counts.cappedJumps += capped;
}
