/**
 * The first time at which a membrane rises through its threshold, without events in between.
 *
 * The turning points of V (interior-maximum.ts) cut the interval into pieces on which V is monotone. The
 * first piece that rises through ϑ brackets the crossing, so nothing is scanned and no crossing is lost,
 * however flat. Inside the bracket the zero of f = e^{as}(V − ϑ) is found by steps that solve the quadratic of
 * f's value, slope and curvature (third order, and as fast at a grazing crossing, where Newton slows down).
 * f is smoother than V: without the leak's part it bends only as the currents decay,
 *
 *     f′ = a e^{as}(E + I − ϑ)        f″ = a e^{as}((a − b)E + (a − c)I − aϑ)
 */

import { decay } from "./decay.ts";
import { advance, FLOW_SIZE, potential, writeFlow } from "./flow.ts";
import { currentExtremum, interiorMaximum } from "./interior-maximum.ts";
import { type Membrane, outOfReach } from "./membrane.ts";

const flow = new Float64Array(FLOW_SIZE);

/** More than the safeguarded steps need when every one is a bisection of a double. */
const MAX_ITERATIONS = 100;

/**
 * First s in (0, h] at which V passes from below ϑ to ϑ; Infinity when it does not, or is not finite.
 * `state` = (V, E, I) at 0 is moved to the crossing when there is one, and is undefined otherwise; `end` is
 * V(h), which callers know.
 * A maximum that only touches ϑ is no crossing; V ≥ ϑ at 0 must first fall below.
 */
export function firstCrossing(constants: Membrane, state: Float64Array, h: number, end: number): number {
  const { threshold } = constants;
  const v = state[0]!;
  const e = state[1]!;
  const i = state[2]!;
  if (!(h > 0 && Math.abs(end) < Number.POSITIVE_INFINITY)) return Number.POSITIVE_INFINITY;
  if (outOfReach(constants, v, e, 0)) return Number.POSITIVE_INFINITY;
  if (!(v < threshold)) return crossingFromAbove(constants, state, h, end);
  const rises = end >= threshold;
  if (rises && !mayFallBetween(constants, e, i, h)) return rise(constants, state, h);
  const top = interiorMaximum(constants, v, e, i, h);
  if (top < h) {
    // At a maximum V = E + I.
    const height = i === 0 ? e * decay(constants.excRate * top) : potential(constants, v, e, i, top);
    if (height > threshold) return rise(constants, state, top);
    if (!rises) return Number.POSITIVE_INFINITY;
    advance(constants, state, top);
    return top + rise(constants, state, h - top);
  }
  return rises ? rise(constants, state, h) : Number.POSITIVE_INFINITY;
}

/** Whether V can rise, fall and rise again: only around the time at which Ė + İ changes sign. */
function mayFallBetween(constants: Membrane, e: number, i: number, h: number): boolean {
  if (i === 0) return false;
  const split = currentExtremum(constants.excRate, constants.inhRate, e, i);
  return split > 0 && split < h;
}

/** V starts at or above ϑ: the crossing can only follow a minimum below ϑ. */
function crossingFromAbove(constants: Membrane, state: Float64Array, h: number, end: number): number {
  const low = interiorMaximum(constants, -state[0]!, -state[1]!, -state[2]!, h);
  if (!(low < h)) return Number.POSITIVE_INFINITY;
  advance(constants, state, low);
  if (!(state[0]! < constants.threshold)) return Number.POSITIVE_INFINITY;
  return low + firstCrossing(constants, state, h - low, end);
}

/** The one crossing in (0, high], given V(0) < ϑ ≤ V(high); moves `state` to it. */
function rise(constants: Membrane, state: Float64Array, high: number): number {
  const { leakRate, excRate, inhRate, fastestRate, threshold } = constants;
  const v = state[0]!;
  const e = state[1]!;
  const i = state[2]!;
  let eNow = e;
  let iNow = i;
  let low = 0;
  let s = 0;
  let step = 0;
  let distance = v - threshold;
  let slope = leakRate * (e + i - threshold);
  let curvature = leakRate * ((leakRate - excRate) * e + (leakRate - inhRate) * i - leakRate * threshold);
  for (let iteration = 0; iteration < MAX_ITERATIONS; iteration++) {
    const discriminant = slope * slope - 2 * distance * curvature;
    step = (-2 * distance) / (slope + Math.sqrt(Math.max(discriminant, 0)));
    if (slope > 0 && s + step >= low && s + step <= high) {
      // The error after a step is about step³·f‴/(6f′); stop when that is below rounding.
      const scaled = Math.abs(step) * fastestRate;
      const error = scaled * scaled * scaled * (slope + Math.abs(curvature) / fastestRate);
      if (error <= 1e-16 * slope) break;
    } else {
      step = 0.5 * (low + high) - s;
      if (high - low <= Number.EPSILON * high) break;
    }
    s += step;
    writeFlow(constants, s, flow, 0);
    const vNow = flow[0]! * v + flow[2]! * e + flow[4]! * i;
    eNow = flow[1]! * e;
    iNow = flow[3]! * i;
    distance = vNow - threshold;
    slope = leakRate * (eNow + iNow - threshold);
    curvature = leakRate * ((leakRate - excRate) * eNow + (leakRate - inhRate) * iNow - leakRate * threshold);
    if (distance < 0) low = s;
    else high = s;
  }
  // The last step is below 1e-5 time constants: two terms of the exponential are exact.
  const excStep = excRate * step;
  const inhStep = inhRate * step;
  state[0] = threshold;
  state[1] = eNow * (1 - excStep * (1 - 0.5 * excStep));
  state[2] = iNow * (1 - inhStep * (1 - 0.5 * inhStep));
  return s + step;
}
