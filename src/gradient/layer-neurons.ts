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

import type { Population } from "../network/network.ts";
import * as model from "../neuron/decay.ts";
import * as table from "./adjoint-constants.ts";
import * as motion from "./adjoint-flow.ts";
import type { AdjointPass } from "./adjoint-pass.ts";
import { layerArrivals } from "./layer-arrivals.ts";
import * as trace from "./layer-trace.ts";
import { neuronRates } from "./neuron-rates.ts";
import { spikeTimeline } from "./spike-timeline.ts";

// Copied: see working-arrays.ts.
const { decay } = model;
const { response } = motion;
const { CONSTANTS, LEAK_RATE, EXC_RATE, INH_RATE, THRESHOLD, RESET } = table;
const { SPIKE, RELEASE_SLOPE, HOLD, FREE, WAIT, layerTrace } = trace;
const rates = neuronRates;

/** The trace holds the layer's intervals; `floor`: smallest slope at a spike, in thresholds per τ_m. */
export function goThroughNeurons(
  { room, observation, weights, gradient, counts }: AdjointPass,
  { start }: Population,
  constants: Float64Array,
  floor: number,
): void {
  const { previous, following, release, moved } = spikeTimeline(room);
  const { time: arrivalTime, origin } = layerArrivals(room);
  const { spikes, bounds, waits, several, severalCount } = layerTrace(room);
  const { time: spikeTime, index } = observation.spikes;
  let arrivedFirst = 0;
  let jumps = 0;
  let capped = 0;
  for (let entry = 0; entry < severalCount; entry++) {
    let spike = several[entry]!;
    const column = index[spike]! - start;
    const own = (start + column) * CONSTANTS;
    const a = constants[own + LEAK_RATE]!;
    rates[0] = constants[own + EXC_RATE]!;
    rates[1] = constants[own + INH_RATE]!;
    const threshold = constants[own + THRESHOLD]!;
    const firstTime = spikeTime[spike]!;
    while (arrivalTime[arrivedFirst]! < firstTime) arrivedFirst++;

    let exc = 0;
    let inh = 0;
    let arrival = 0;
    let arrived = arrivedFirst;
    let wait = 0;
    for (;;) {
      const at = spike * SPIKE;
      const time = spikeTime[spike]!;
      bounds[2 * spike] = arrival;
      for (; arrival < arrived; arrival++) {
        const s = time - arrivalTime[arrival]!;
        const weight = weights[origin[2 * arrival]! + column]!;
        // Signs are random: arithmetic costs less than a branch that is guessed wrong.
        const slot = +(weight < 0);
        const rate = rates[slot]!;
        const left = decay(rate * s);
        const inhLeft = slot * left;
        const excLeft = left - inhLeft;
        waits[wait] = excLeft;
        waits[wait + 1] = inhLeft;
        waits[wait + 2] = response(left, a * s, (rate - a) * s);
        wait += WAIT;
        exc += weight * excLeft;
        inh += weight * inhLeft;
      }
      bounds[2 * spike + 1] = arrived;
      spikes[at] = a * (exc + inh - threshold);
      const next = following[spike]!;
      if (next === -1) break;
      const until = release[spike]!;
      const interval = next * SPIKE;
      exc *= spikes[interval + HOLD]!;
      inh *= spikes[interval + HOLD + 1]!;
      for (; arrivalTime[arrival]! < until; arrival++) {
        const weight = weights[origin[2 * arrival]! + column]!;
        const slot = +(weight < 0);
        const left = decay(rates[slot]! * (until - arrivalTime[arrival]!));
        const inhLeft = slot * left;
        const excLeft = left - inhLeft;
        waits[wait] = excLeft;
        waits[wait + 1] = inhLeft;
        wait += WAIT;
        exc += weight * excLeft;
        inh += weight * inhLeft;
      }
      spikes[interval + RELEASE_SLOPE] = a * (exc + inh - constants[own + RESET]!);
      exc *= spikes[interval + FREE + 1]!;
      inh *= spikes[interval + FREE + 3]!;
      spike = next;
      const nextTime = spikeTime[spike]!;
      for (arrived = arrival; arrivalTime[arrived]! < nextTime; ) arrived++;
    }

    // Back again: p_E and p_I at the spike, p_V there in `membrane`, and q.
    let adjointExc = 0;
    let adjointInh = 0;
    let released = 0;
    for (;;) {
      const at = spike * SPIKE;
      let membrane = 0;
      const jump = released - moved[spike]!;
      if (jump !== 0) {
        const rise = spikes[at]!;
        const lowest = floor * a * threshold;
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
        wait -= WAIT;
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
      adjointExc = adjointExc * spikes[at + FREE + 1]! + membrane * spikes[at + FREE + 2]!;
      adjointInh = adjointInh * spikes[at + FREE + 3]! + membrane * spikes[at + FREE + 4]!;
      released = spikes[at + RELEASE_SLOPE]! * membrane * spikes[at + FREE]!;
      const held = bounds[2 * before + 1]!;
      for (arrival = begin - 1; arrival >= held; arrival--) {
        wait -= WAIT;
        const place = origin[2 * arrival]! + column;
        const throughExc = adjointExc * waits[wait]!;
        const throughInh = adjointInh * waits[wait + 1]!;
        gradient[place] = gradient[place]! + (throughExc + throughInh);
        const source = origin[2 * arrival + 1]!;
        if (source === -1) continue;
        const through = rates[0]! * throughExc + rates[1]! * throughInh;
        moved[source] = moved[source]! + weights[place]! * through;
      }
      adjointExc *= spikes[at + HOLD]!;
      adjointInh *= spikes[at + HOLD + 1]!;
      spike = before;
    }
  }
  counts.spikes += jumps;
  counts.cappedJumps += capped;
}
