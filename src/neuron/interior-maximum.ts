/**
 * The maximum of a membrane inside an interval without events.
 *
 * u = τ_m V̇ = E + I − V changes sign where V turns. e^{as} u has the derivative e^{as}(Ė + İ), so it is
 * monotone on each side of the one time s* at which Ė + İ = 0: u has at most two zeros, at most one of them
 * from + to −. With one current there is no s*, and the zero has the closed form
 *
 *     s = ln(1 + d x) / d,   x = (E₀ − V₀) / (b E₀),   d = a − b        →  s = x   as d → 0
 *
 * (docs/method.md, section 1). A minimum of V is a maximum of −V: call with (−v, −e, −i).
 */

import { FLOW_SIZE, writeFlow } from "./flow.ts";
import type { Membrane } from "./membrane.ts";

const flow = new Float64Array(FLOW_SIZE);

/** More than safeguarded Newton needs when every step is a bisection of a double. */
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
export function currentExtremum(excRate: number, inhRate: number, e: number, i: number): number {
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
