/**
 * The heights that decide which spikes a neuron has: local maxima of its membrane before each of its observed spikes and
 * after the last, where a spike may appear, and for each spike the maximum that the membrane would have reached without
 * it, where the spike may disappear. Computed from arrivals, observed spikes and constants, in closed form.
 */

import type { Arrivals } from "../network/arrivals.ts";
import type { Neuron } from "../network/neuron.ts";
import { advance, potential } from "../neuron/flow.ts";
import { interiorMaximum } from "../neuron/interior-maximum.ts";
import { type Membrane, outOfReach } from "../neuron/membrane.ts";

export interface Walk extends Neuron {
  /** The membrane with the lowest threshold that counts, for a quick test of what cannot reach it. */
  readonly lowest: Membrane;
  /** The highest threshold that counts. */
  readonly highest: number;
}

export interface Maxima {
  count: number;
  height: Float64Array;
  time: Float64Array;
  /** Since when the neuron moves freely. */
  release: Float64Array;
}

export function emptyMaxima(): Maxima {
  return {
    count: 0,
    height: new Float64Array(64),
    time: new Float64Array(64),
    release: new Float64Array(64),
  };
}

function push(maxima: Maxima, height: number, time: number, release: number): void {
  const { count } = maxima;
  if (count === maxima.height.length) {
    for (const name of ["height", "time", "release"] as const) {
      const longer = new Float64Array(2 * count);
      longer.set(maxima[name]);
      maxima[name] = longer;
    }
  }
  maxima.height[count] = height;
  maxima.time[count] = time;
  maxima.release[count] = release;
  maxima.count++;
}

/** V, E, I of the membrane, and of the one that goes on without a spike. */
const state = new Float64Array(3);
const without = new Float64Array(3);

/** Finds the maxima of one neuron up to `horizon`; its own spikes are spikeTime[spike … to − 1]. */
export function findMaxima(
  walk: Walk,
  column: number,
  weights: Float64Array,
  arrivals: Arrivals,
  spikeTime: Float64Array,
  spike: number,
  to: number,
  horizon: number,
  maxima: Maxima,
): void {
  const { membrane, reset, refractory, lowest } = walk;
  const { count, time, row } = arrivals;
  state.fill(0);
  let now = 0;
  let release = 0;
  let next = spike;
  /** All excitation that is still to come. */
  let coming = 0;
  for (let k = 0; k < count; k++) coming += Math.max(0, weights[row[k]! + column]!);
  for (let k = 0; k <= count && now < horizon; k++) {
    // Not even if all of it came now and nothing inhibited.
    if (next === to && outOfReach(lowest, state[0]!, state[1]! + coming, 0)) return;
    const end = time[k]!;
    for (;;) {
      const spikes = next < to && spikeTime[next]! <= end;
      const until = spikes ? spikeTime[next]! : end;
      if (now < release) {
        // Held at reset; currents run on. An observed spike may come earlier than the end of the hold.
        const held = Math.min(release, until);
        advance(membrane, state, held - now);
        state[0] = reset;
        now = held;
      }
      if (until > now) {
        if (!outOfReach(lowest, state[0]!, state[1]!, state[2]!)) {
          const top = interiorMaximum(membrane, state[0]!, state[1]!, state[2]!, until - now);
          if (top < until - now) pushInside(membrane, state, now, top, release, maxima);
        }
        advance(membrane, state, until - now);
        now = until;
      }
      if (!spikes) break;
      without.set(state);
      findMaximumWithout(walk, column, weights, arrivals, k, now, Math.min(release, now), horizon, maxima);
      state[0] = reset;
      release = now + refractory;
      next++;
    }
    if (k === count) return;
    const rising = state[1]! + state[2]! > state[0]!;
    const weight = weights[row[k]! + column]!;
    coming -= Math.max(0, weight);
    arrive(membrane, state, weight);
    if (rising && state[1]! + state[2]! <= state[0]! && now >= release) push(maxima, state[0]!, now, release);
  }
}

/** Finds the first maximum at or after `now` of a membrane that goes on from `without` as if it had not spiked. */
function findMaximumWithout(
  { membrane, highest }: Walk,
  column: number,
  weights: Float64Array,
  { count, time, row }: Arrivals,
  first: number,
  start: number,
  release: number,
  horizon: number,
  maxima: Maxima,
): void {
  let now = start;
  for (let k = first; k <= count && now < horizon; k++) {
    if (without[1]! + without[2]! <= without[0]!) {
      push(maxima, without[0]!, now, release);
      return;
    }
    const gap = time[k]! - now;
    if (gap > 0) {
      const top = interiorMaximum(membrane, without[0]!, without[1]!, without[2]!, gap);
      if (top < gap) {
        pushInside(membrane, without, now, top, release, maxima);
        return;
      }
      advance(membrane, without, gap);
      now = time[k]!;
    }
    // The spike is in no danger.
    if (without[0]! > highest || k === count) return;
    arrive(membrane, without, weights[row[k]! + column]!);
  }
}

/** The maximum that a membrane in state `from` at `now` reaches `top` later. */
function pushInside(
  membrane: Membrane,
  from: Float64Array,
  now: number,
  top: number,
  release: number,
  maxima: Maxima,
): void {
  push(maxima, potential(membrane, from[0]!, from[1]!, from[2]!, top), now + top, release);
}

function arrive({ oneCurrent }: Membrane, at: Float64Array, weight: number): void {
  const slot = oneCurrent || weight >= 0 ? 1 : 2;
  at[slot] = at[slot]! + weight;
}
