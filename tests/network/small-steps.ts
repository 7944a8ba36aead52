/**
 * An independent network simulator to judge the exact one by: classical Runge-Kutta in small steps straight
 * from the differential equations of network.ts. A step ends early at an input, at a release and at a
 * threshold crossing, which secants find. It shares no code and no closed form with src.
 */

import type { Network } from "../../src/network/network.ts";
import type { InputSlice } from "../../src/network/simulate.ts";

export interface StepResult {
  /** [time, neuron] in ascending time. */
  readonly spikes: readonly (readonly [number, number])[];
  /** Largest V at the ends of steps, per neuron. */
  readonly highest: Float64Array;
  readonly highestAt: Float64Array;
  /**
   * How close the run came to another outcome: the smallest |V − ϑ| at a turn of a free spiking neuron.
   * Below the error of the integrator the spikes are not decided.
   */
  readonly margin: number;
}

export function simulateInSteps(
  network: Network,
  weights: Float64Array,
  inputs: InputSlice,
  step: number,
): StepResult {
  const { neurons, constants, duration } = network;
  // y = (V, E, I) per neuron.
  let y: Float64Array = new Float64Array(3 * neurons);
  const heldUntil = new Float64Array(neurons).fill(Number.NEGATIVE_INFINITY);
  const spikes: [number, number][] = [];
  const highest = new Float64Array(neurons);
  const highestAt = new Float64Array(neurons);
  let margin = Number.POSITIVE_INFINITY;
  let now = 0;
  let next = inputs.from;

  const slopeOf = (state: Float64Array, n: number): number =>
    (state[3 * n + 1]! + state[3 * n + 2]! - state[3 * n]!) / constants.tauMem[n]!;

  const derivative = (state: Float64Array): Float64Array => {
    const change = new Float64Array(3 * neurons);
    for (let n = 0; n < neurons; n++) {
      change[3 * n] = heldUntil[n]! > now ? 0 : slopeOf(state, n);
      change[3 * n + 1] = -state[3 * n + 1]! / constants.tauSynExc[n]!;
      change[3 * n + 2] = -state[3 * n + 2]! / constants.tauSynInh[n]!;
    }
    return change;
  };

  const plus = (state: Float64Array, change: Float64Array, factor: number): Float64Array =>
    state.map((value, k) => value + factor * change[k]!);

  const rungeKutta = (h: number): Float64Array => {
    const k1 = derivative(y);
    const k2 = derivative(plus(y, k1, h / 2));
    const k3 = derivative(plus(y, k2, h / 2));
    const k4 = derivative(plus(y, k3, h));
    return y.map((value, k) => value + (h / 6) * (k1[k]! + 2 * k2[k]! + 2 * k3[k]! + k4[k]!));
  };

  const crossed = (after: Float64Array, n: number): boolean =>
    !(heldUntil[n]! > now) && y[3 * n]! < constants.threshold[n]! && after[3 * n]! >= constants.threshold[n]!;

  /** Illinois' variant of the secant method: V is nearly straight within a step, so few are needed. */
  const crossingTime = (n: number, h: number, end: number): number => {
    const threshold = constants.threshold[n]!;
    let low = 0;
    let high = h;
    let under = y[3 * n]! - threshold;
    let above = end - threshold;
    let middle = high;
    for (let k = 0, side = 0; k < 20; k++) {
      middle = low - (under * (high - low)) / (above - under);
      const distance = rungeKutta(middle)[3 * n]! - threshold;
      if (Math.abs(distance) < 1e-14) break;
      if (distance < 0) {
        low = middle;
        under = distance;
        if (side < 0) above /= 2;
        side = -1;
      } else {
        high = middle;
        above = distance;
        if (side > 0) under /= 2;
        side = 1;
      }
    }
    return middle;
  };

  const deliver = (source: number): void => {
    for (const { sourceStart, sources, targetStart, targets, offset } of network.projections) {
      const relative = source - sourceStart;
      if (relative < 0 || relative >= sources) continue;
      for (let target = 0; target < targets; target++) {
        const weight = weights[offset + relative * targets + target]!;
        y[3 * (targetStart + target) + (weight >= 0 ? 1 : 2)]! += weight;
      }
    }
  };

  while (now < duration) {
    let until = Math.min(now + step, duration);
    if (next < inputs.to) until = Math.min(until, inputs.time[next]!);
    for (const release of heldUntil) if (release > now) until = Math.min(until, release);
    let after = rungeKutta(until - now);
    let spiker = -1;
    let h = until - now;
    for (let n = 0; n < neurons; n++) {
      if (!crossed(after, n)) continue;
      h = crossingTime(n, h, after[3 * n]!);
      after = rungeKutta(h);
      spiker = n;
    }
    for (let n = 0; n < neurons; n++) {
      if (constants.threshold[n] === Number.POSITIVE_INFINITY || heldUntil[n]! > now) continue;
      const turned = slopeOf(y, n) > 0 && slopeOf(after, n) < 0;
      if (turned || n === spiker) {
        // A spike at which V hardly rises is as undecided as a peak just under threshold.
        const distance =
          n === spiker ? slopeOf(after, n) ** 2 : Math.abs(after[3 * n]! - constants.threshold[n]!);
        margin = Math.min(margin, distance);
      }
    }
    now = spiker < 0 ? until : now + h;
    y = after;
    for (let n = 0; n < neurons; n++) {
      const v = n === spiker ? constants.threshold[n]! : y[3 * n]!;
      if (v > highest[n]!) {
        highest[n] = v;
        highestAt[n] = now;
      }
    }
    if (spiker >= 0) {
      if (now < duration) spikes.push([now, spiker]);
      y[3 * spiker] = constants.reset[spiker]!;
      heldUntil[spiker] = now + constants.refractory[spiker]!;
      deliver(network.inputs + spiker);
    }
    while (next < inputs.to && inputs.time[next]! <= now) deliver(inputs.source[next++]!);
  }
  return { spikes, highest, highestAt, margin };
}
