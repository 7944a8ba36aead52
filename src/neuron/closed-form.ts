/**
 * The closed forms of a LIF or LI membrane between two arrivals: the flow of its state, its maximum, and the first time at which
 * it crosses the threshold.
 *
 *     τ_m V̇ = −V + I_e + I_i        τ_e İ_e = −I_e        τ_i İ_i = −I_i
 *
 * One module, though long: each part builds on the one before it.
 */

import type { Microseconds, ModelVoltage } from "../core/units.ts";
import { decay } from "./decay.ts";

// The membrane ----------------------------------------------------------------------------------------------

export interface Membrane {
  /** 1/τ_m, 1/τ_e, 1/τ_i in 1/µs. */
  readonly leakRate: number;
  readonly excRate: number;
  readonly inhRate: number;
  readonly fastestRate: number;
  /** a/(b − a) and a/(c − a), see the flow below; infinite, and unused, where the rates are equal. */
  readonly excGain: number;
  readonly inhGain: number;
  /** τ_e = τ_i: both kinds of input add to the excitatory slot. */
  readonly oneCurrent: boolean;
  /** Infinity for a membrane that never spikes. */
  readonly threshold: ModelVoltage;
  /** At or below this total current the membrane cannot rise through the threshold. */
  readonly quietCurrent: number;
  /** Coefficients of the bounds in `outOfReach`: c₀ + c₁ y, c₀ + c₁ y, and c₂ in 1 + y + c₂ y². */
  readonly restValue: number;
  readonly restSlope: number;
  readonly risenValue: number;
  readonly risenSlope: number;
  readonly seriesSquare: number;
}

/** Time constants > 0. */
export function membrane(
  tauMem: Microseconds,
  tauSynExc: Microseconds,
  tauSynInh: Microseconds,
  threshold: ModelVoltage,
): Membrane {
  const leakRate = 1 / tauMem;
  const excRate = 1 / tauSynExc;
  const inhRate = 1 / tauSynInh;
  const rho = tauSynExc / tauMem - 1;
  const [restValue, restSlope] = tangent(rho, 1);
  const [risenValue, risenSlope] = tangent(rho, 3 / 4);
  return {
    leakRate,
    excRate,
    inhRate,
    fastestRate: Math.max(leakRate, excRate, inhRate),
    excGain: leakRate / (excRate - leakRate),
    inhGain: leakRate / (inhRate - leakRate),
    oneCurrent: tauSynExc === tauSynInh,
    threshold,
    quietCurrent: threshold >= 0 ? threshold : Number.NEGATIVE_INFINITY,
    restValue,
    restSlope,
    risenValue,
    risenSlope,
    // The series of f up to a term is a lower bound for all y > 0 if the next coefficient is not negative.
    seriesSquare: rho <= 1 / 2 || rho >= 1 ? (1 - rho) / 2 : 0,
  };
}

/** Tangent of f(y) = (1 + ρy)^{1/ρ} at `y`, a lower bound where f is convex; elsewhere one that says nothing. */
function tangent(rho: number, y: number): readonly [value: number, slope: number] {
  if (rho > 1) return [0, 0];
  const value = Math.exp(rho === 0 ? y : Math.log1p(rho * y) / rho);
  const slope = value / (1 + rho * y);
  return [value - slope * y, slope];
}

/**
 * Whether the membrane certainly does not rise through its threshold from (V, E) without further excitation,
 * while the inhibitory current is at most `i` ≤ 0: a cheap test, true for most intervals between events.
 *
 * With the inhibition held at i, V − i relaxes towards E alone. It peaks where it equals E, from v − i at the
 * height E/f(y), f(y) = (1 + ρy)^{1/ρ}, ρ = τ_e/τ_m − 1, y = 1 − (v − i)/E (time of the peak: interiorMaximum).
 * Three lower bounds of f are used instead of f: its tangents at y = 1, a start from rest, and at y = 3/4, and its series,
 * which is close for small y.
 */
export function outOfReach(constants: Membrane, v: number, e: number, i: number): boolean {
  if (e + i <= constants.quietCurrent) return true;
  if (!(e > 0)) return false;
  const y = 1 - (v - i) / e;
  const rest = constants.restValue + constants.restSlope * y;
  const risen = constants.risenValue + constants.risenSlope * y;
  const series = 1 + y * (1 + y * constants.seriesSquare);
  return e < (constants.threshold - i) * Math.max(rest, risen, series);
}

// The flow --------------------------------------------------------------------------------------------------

// Motion of a membrane between events, closed form and exact for all time constants.
//
//     V(s) = V₀ e^{−as} + E₀ K_b(s) + I₀ K_c(s)       E(s) = E₀ e^{−bs}       I(s) = I₀ e^{−cs}
//     K_r(s) = a (e^{−as} − e^{−rs}) / (r − a)  →  a s e^{−as}  as r → a
//
// with a = 1/τ_m, b = 1/τ_e, c = 1/τ_i. Near r = a, with x = (r − a)s, the response is a s e^{−as}·(1 − e^{−x})/x;
// the last factor is a short series, so that nothing cancels through the limit.

/** Numbers of one flow: e^{−as}, e^{−bs}, K_b(s), e^{−cs}, K_c(s), in this order. */
export const FLOW_SIZE = 5;

/** Up to this |r − a|·s the series is exact to rounding; above it the plain difference loses 3 bits at most. */
const SERIES = 1 / 8;

/** Writes the flow over `s` ≥ 0 µs to `out[at … at + FLOW_SIZE − 1]`. */
export function writeFlow(constants: Membrane, s: number, out: Float64Array, at: number): void {
  const leakDecay = decay(constants.leakRate * s);
  out[at] = leakDecay;
  writeResponse(constants.leakRate, leakDecay, constants.excRate, constants.excGain, s, out, at + 1);
  if (constants.oneCurrent) {
    out[at + 3] = out[at + 1]!;
    out[at + 4] = out[at + 2]!;
  } else {
    writeResponse(constants.leakRate, leakDecay, constants.inhRate, constants.inhGain, s, out, at + 3);
  }
}

/** Writes e^{−rs} and K_r(s) for one current with rate r and gain a/(r − a). */
function writeResponse(
  leakRate: number,
  leakDecay: number,
  rate: number,
  gain: number,
  s: number,
  out: Float64Array,
  at: number,
): void {
  const x = (rate - leakRate) * s;
  if (x === 0) {
    out[at] = leakDecay;
    out[at + 1] = leakRate * s * leakDecay;
  } else if (x > SERIES || x < -SERIES) {
    const currentDecay = decay(rate * s);
    out[at] = currentDecay;
    out[at + 1] = gain * (leakDecay - currentDecay);
  } else {
    const share = leakDecay * meanDecay(x);
    out[at] = leakDecay - x * share;
    out[at + 1] = leakRate * s * share;
  }
}

/** (1 − e^{−x})/x, the mean of e^{−u} over 0 … x: series to x⁹, its even and odd terms apart. */
function meanDecay(x: number): number {
  const q = x * x;
  const even = 1 + q * (1 / 6 + q * (1 / 120 + q * (1 / 5040 + q * (1 / 362880))));
  const odd = 1 / 2 + q * (1 / 24 + q * (1 / 720 + q * (1 / 40320 + q * (1 / 3628800))));
  return even - x * odd;
}

const scratch = new Float64Array(FLOW_SIZE);

/** V(s) from (v, e, i) at 0. */
export function potential(constants: Membrane, v: number, e: number, i: number, s: number): number {
  writeFlow(constants, s, scratch, 0);
  return scratch[0]! * v + scratch[2]! * e + scratch[4]! * i;
}

/** Moves `state` = (V, E, I) by `s` ≥ 0 µs, in place. */
export function advance(constants: Membrane, state: Float64Array, s: number): void {
  writeFlow(constants, s, scratch, 0);
  const e = state[1]!;
  const i = state[2]!;
  state[0] = scratch[0]! * state[0]! + scratch[2]! * e + scratch[4]! * i;
  state[1] = scratch[1]! * e;
  state[2] = scratch[3]! * i;
}

// The maximum between arrivals ------------------------------------------------------------------------------

// The maximum of a membrane inside an interval without events.
//
// u = τ_m V̇ = E + I − V changes sign where V turns. e^{as} u has the derivative e^{as}(Ė + İ), so it is
// monotone on each side of the one time s* at which Ė + İ = 0: u has at most two zeros, at most one of them
// from + to −. With one current there is no s*, and the zero has the closed form
//
//     s = ln(1 + d x) / d,   x = (E₀ − V₀) / (b E₀),   d = a − b        →  s = x   as d → 0
//
// (docs/method.md, section 1). A minimum of V is a maximum of −V: call with (−v, −e, −i).

const flow = new Float64Array(FLOW_SIZE);

/** More than the safeguarded steps below need when every step is a bisection of a double. */
const MAX_ITERATIONS = 100;

/** Time in (0, h) at which V has a local maximum, Infinity when there is none. At most one exists. */
export function interiorMaximum(constants: Membrane, v: number, e: number, i: number, h: number): number {
  if (i === 0) return oneCurrentMaximum(constants.leakRate, constants.excRate, v, e, h);
  if (e === 0) return oneCurrentMaximum(constants.leakRate, constants.inhRate, v, i, h);
  const split = currentExtremum(constants.excRate, constants.inhRate, e, i);
  const first = e + i - v;
  // After 708 time constants all is 0: u has passed through 0 before, or is too small to matter.
  const last = drive(constants, v, e, i, h);
  if (!(split > 0 && split < h)) {
    return first > 0 && last <= 0 ? turn(constants, v, e, i, 0, h) : Number.POSITIVE_INFINITY;
  }
  const middle = drive(constants, v, e, i, split);
  if (first > 0 && middle <= 0) return turn(constants, v, e, i, 0, split);
  if (middle > 0 && last <= 0) return turn(constants, v, e, i, split, h);
  return Number.POSITIVE_INFINITY;
}

function oneCurrentMaximum(leakRate: number, rate: number, v: number, current: number, h: number): number {
  if (!(current > 0 && current > v)) return Number.POSITIVE_INFINITY;
  const difference = leakRate - rate;
  const x = (current - v) / (rate * current);
  const argument = difference * x;
  if (argument <= -1) return Number.POSITIVE_INFINITY;
  const s = difference === 0 ? x : Math.log1p(argument) / difference;
  return s < h ? s : Number.POSITIVE_INFINITY;
}

/** The time s* at which Ė + İ = 0; not finite when the currents have one sign or decay alike. */
function currentExtremum(excRate: number, inhRate: number, e: number, i: number): number {
  return Math.log((-excRate * e) / (inhRate * i)) / (excRate - inhRate);
}

/** u(s) = E + I − V. */
function drive(constants: Membrane, v: number, e: number, i: number, s: number): number {
  writeFlow(constants, s, flow, 0);
  return (flow[1]! - flow[2]!) * e + (flow[3]! - flow[4]!) * i - flow[0]! * v;
}

/** Zero of u between `low`, where u > 0, and `high`, where u <= 0: Newton kept inside the bracket. */
function turn(constants: Membrane, v: number, e: number, i: number, low: number, high: number): number {
  const { leakRate, excRate, inhRate } = constants;
  let s = 0.5 * (low + high);
  for (let iteration = 0; iteration < MAX_ITERATIONS; iteration++) {
    const u = drive(constants, v, e, i, s);
    // After 708 time constants u is 0 without a turn: only the slope tells, and there it is 0 too.
    if (u > 0) low = s;
    else high = s;
    const slope = -excRate * flow[1]! * e - inhRate * flow[3]! * i - leakRate * u;
    const newton = s - u / slope;
    if (newton >= low && newton <= high) {
      // Newton converges quadratically: after a step below 1e-9 time constants the next is below rounding. The length
      // of a bisection says nothing of the kind.
      const converged = Math.abs(newton - s) * constants.fastestRate < 1e-9;
      s = newton;
      if (converged) return s;
    } else {
      const middle = 0.5 * (low + high);
      if (middle === s) return s;
      s = middle;
    }
  }
  return s;
}

// The first crossing of the threshold -----------------------------------------------------------------------

// The first time at which a membrane rises through its threshold, without events in between.
//
// The turning points of V (above) cut the interval into pieces on which V is monotone. The
// first piece that rises through ϑ brackets the crossing, so nothing is scanned and no crossing is lost,
// however flat. Inside the bracket the zero of f = e^{as}(V − ϑ) is found by steps that solve the quadratic of
// f's value, slope and curvature (third order, and as fast at a grazing crossing, where Newton slows down).
// f is smoother than V: without the leak's part it bends only as the currents decay,
//
//     f′ = a e^{as}(E + I − ϑ)        f″ = a e^{as}((a − b)E + (a − c)I − aϑ)

const flowInside = new Float64Array(FLOW_SIZE);

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
    writeFlow(constants, s, flowInside, 0);
    const vNow = flowInside[0]! * v + flowInside[2]! * e + flowInside[4]! * i;
    eNow = flowInside[1]! * e;
    iNow = flowInside[3]! * i;
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
