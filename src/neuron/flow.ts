/**
 * Motion of a membrane between events, closed form and exact for all time constants.
 *
 *     V(s) = V₀ e^{−as} + E₀ K_b(s) + I₀ K_c(s)       E(s) = E₀ e^{−bs}       I(s) = I₀ e^{−cs}
 *     K_r(s) = a (e^{−as} − e^{−rs}) / (r − a)  →  a s e^{−as}  as r → a
 *
 * with a = 1/τ_m, b = 1/τ_e, c = 1/τ_i. Near r = a, with x = (r − a)s, the response is a s e^{−as}·(1 − e^{−x})/x;
 * the last factor is a short series, so that nothing cancels through the limit.
 */

import { decay } from "./decay.ts";
import type { Membrane } from "./membrane.ts";

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
