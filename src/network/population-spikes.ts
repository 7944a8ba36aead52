/**
 * Spikes of one population that does not act on itself: neuron after neuron, each from event to event.
 *
 * All neurons of a population see events at the same times, so neurons with equal time constants share the
 * exponentials of each gap; most gaps then cost two sums of products and a bound (src/neuron/closed-form.ts). Only a
 * gap in which a crossing is possible, or the neuron is held, goes through `walk`.
 */

import { advance, FLOW_SIZE, firstCrossing, outOfReach, writeFlow } from "../neuron/closed-form.ts";
import type { Arrivals } from "./arrivals.ts";
import type { Network, Population } from "./network.ts";
import { createSharedFlows, type Neuron, neuronsOf, spiking } from "./neuron.ts";
import { diverged, pushSpike, SPIKE_LIMIT, type SpikeList } from "./observation.ts";

export interface PopulationSpikes {
  /** Overwrites `out` with the spikes of one sample, neuron by neuron, ascending for each neuron. */
  run(weights: Float64Array, arrivals: Arrivals, out: SpikeList): void;
}

export function createPopulationSpikes(network: Network, population: Population): PopulationSpikes {
  const neurons = neuronsOf(network, population);
  const silent = !neurons.some(spiking);
  const flows = createSharedFlows(neurons);
  return {
    run(weights, arrivals, out) {
      out.count = 0;
      if (silent || arrivals.count === 0) return;
      const shared = flows.update(arrivals);
      for (let column = 0; column < neurons.length; column++) {
        followNeuron(neurons[column]!, column, weights, arrivals, arrivals.row, shared, out);
      }
    },
  };
}

/** (V, E, I) of the neuron in `walk`. */
const state = new Float64Array(3);
const ahead = new Float64Array(3);
const ownFlow = new Float64Array(FLOW_SIZE);

/** Appends the spikes of one neuron. The weight of arrival k is weights[row[k] + column]. */
export function followNeuron(
  neuron: Neuron,
  column: number,
  weights: Float64Array,
  { count, time, gap: gaps }: Pick<Arrivals, "count" | "time" | "gap">,
  row: Int32Array,
  shared: Float64Array | undefined,
  out: SpikeList,
): void {
  const { membrane } = neuron;
  const { leakRate, threshold, quietCurrent, oneCurrent } = membrane;
  const one = +oneCurrent;
  let v = 0;
  let e = 0;
  let i = 0;
  let start = 0;
  let release = 0;
  for (let k = 0; k <= count; k++) {
    const gap = gaps[k]!;
    // Before the first arrival the neuron rests at V = 0.
    if (gap > 0 && k > 0) {
      const flow = shared ?? ownFlow;
      const at = shared === undefined ? 0 : k * FLOW_SIZE;
      if (shared === undefined) writeFlow(membrane, gap, ownFlow, 0);
      let vNext = flow[at]! * v + flow[at + 2]! * e;
      const eNext = flow[at + 1]! * e;
      let iNext = 0;
      if (i !== 0) {
        vNext += flow[at + 4]! * i;
        iNext = flow[at + 3]! * i;
      }
      const free = release <= start && v < threshold && vNext < threshold;
      // Too little current; with one current, still rising at the end; the tangent at the start stays below; the
      // peak of the whole rise is too low. Inhibition is at most what is left of it. After 708 time constants both are
      // 0, and nothing is known of the rise. The first three are not chained: which of them holds is random, and
      // one branch is guessed wrong less often than three.
      const current = e + iNext;
      const simple =
        +(current <= quietCurrent) |
        (one & +(eNext > vNext)) |
        +(v + leakRate * gap * (current - v) < threshold);
      const quiet = free && (simple !== 0 || outOfReach(membrane, v, e, iNext));
      if (quiet) {
        v = vNext;
        e = eNext;
        i = iNext;
      } else {
        state[0] = v;
        state[1] = e;
        state[2] = i;
        ahead[0] = vNext;
        ahead[1] = eNext;
        ahead[2] = iNext;
        release = walk(neuron, start, time[k]!, release, out);
        if (release >= time[count]!) return;
        v = state[0]!;
        e = state[1]!;
        i = state[2]!;
      }
    }
    start = time[k]!;
    if (k < count) {
      const weight = weights[row[k]! + column]!;
      if (oneCurrent || weight >= 0) e += weight;
      else i += weight;
    }
  }
  if (!(Math.abs(v) + Math.abs(e) + Math.abs(i) < Number.POSITIVE_INFINITY)) {
    throw diverged("a membrane is not finite");
  }
}

/**
 * Moves `state` from `start` to `end` with all spikes between, appended to `out`; `ahead` is where it would be
 * at `end` if the neuron, when free now, did not spike. The neuron is held at reset until `release`; returns the
 * release of its last spike.
 */
function walk(neuron: Neuron, start: number, end: number, release: number, out: SpikeList): number {
  const { membrane, reset, refractory, index } = neuron;
  let now = start;
  let known = release <= start;
  for (;;) {
    if (release > now) {
      const until = Math.min(release, end);
      advance(membrane, state, until - now);
      state[0] = reset;
      now = until;
    }
    if (!known) {
      copyState(state, ahead);
      if (end > now) advance(membrane, ahead, end - now);
    }
    const s = firstCrossing(membrane, state, end - now, ahead[0]!);
    if (s === Number.POSITIVE_INFINITY) break;
    state[0] = reset;
    now += s;
    release = now + refractory;
    if (out.count === SPIKE_LIMIT) throw diverged(`more than ${SPIKE_LIMIT} spikes`);
    pushSpike(out, now, index);
    known = false;
  }
  copyState(ahead, state);
  return release;
}

function copyState(from: Float64Array, to: Float64Array): void {
  to[0] = from[0]!;
  to[1] = from[1]!;
  to[2] = from[2]!;
}
