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
import { EXC_RATE, LEAK_RATE, RESET, THRESHOLD } from "./adjoint-constants.ts";
import { response } from "./adjoint-flow.ts";
import type { AdjointPass } from "./adjoint-pass.ts";
import type { LayerArrivals } from "./layer-arrivals.ts";
import { EXC, FREE, HOLD, type LayerTrace, NEURON, RELEASE_SLOPE, SPIKE } from "./layer-trace.ts";

/** Writes the slopes and waits of `trace`, which has room for them and holds the intervals. */
export function findSlopes(
  trace: LayerTrace,
  { observation, timeline, weights }: AdjointPass,
  { start, size }: Population,
  { time: arrivalTime, origin }: LayerArrivals,
): void {
  const { time: spikeTime, index } = observation.spikes;
  const { count, previous, release } = timeline;
  const { spikes, bounds, waits, neurons } = trace;
  const numbers = NEURON;
  const [leakRate, excRate, ofThreshold, ofReset, ofExc] = [LEAK_RATE, EXC_RATE, THRESHOLD, RESET, EXC];
  const [stride, releaseSlope, hold, free] = [SPIKE, RELEASE_SLOPE, HOLD, FREE];
  const decayOf = decay;
  const responseOf = response;
  let arrived = 0;
  let wait = 0;
  for (let spike = 0; spike < count; spike++) {
    const column = index[spike]! - start;
    if (column < 0 || column >= size) continue;
    const own = column * numbers;
    const a = neurons[own + leakRate]!;
    const rates = own + excRate;
    const time = spikeTime[spike]!;
    while (arrivalTime[arrived]! < time) arrived++;
    const before = previous[spike]!;
    let exc = 0;
    let inh = 0;
    let arrival = 0;
    const at = spike * stride;
    if (before !== -1) {
      const until = release[before]!;
      exc = neurons[own + ofExc]! * spikes[at + hold]!;
      inh = neurons[own + ofExc + 1]! * spikes[at + hold + 1]!;
      for (arrival = bounds[2 * before + 1]!; arrivalTime[arrival]! < until; arrival++) {
        const weight = weights[origin[2 * arrival]! + column]!;
        const left = decayOf(neurons[rates + +(weight < 0)]! * (until - arrivalTime[arrival]!));
        waits[wait] = left;
        wait += 2;
        exc += 0.5 * (weight + Math.abs(weight)) * left;
        inh += 0.5 * (weight - Math.abs(weight)) * left;
      }
      spikes[at + releaseSlope] = a * (exc + inh - neurons[own + ofReset]!);
      exc *= spikes[at + free + 1]!;
      inh *= spikes[at + free + 3]!;
    }
    bounds[2 * spike] = arrival;
    for (; arrival < arrived; arrival++) {
      const s = time - arrivalTime[arrival]!;
      const weight = weights[origin[2 * arrival]! + column]!;
      // Signs are random: arithmetic costs less than a branch that is guessed wrong.
      const rate = neurons[rates + +(weight < 0)]!;
      const left = decayOf(rate * s);
      waits[wait] = left;
      waits[wait + 1] = responseOf(left, a * s, (rate - a) * s);
      wait += 2;
      exc += 0.5 * (weight + Math.abs(weight)) * left;
      inh += 0.5 * (weight - Math.abs(weight)) * left;
    }
    bounds[2 * spike + 1] = arrived;
    spikes[at] = a * (exc + inh - neurons[own + ofThreshold]!);
    neurons[own + ofExc] = exc;
    neurons[own + ofExc + 1] = inh;
  }
  trace.count = wait / 2;
}
