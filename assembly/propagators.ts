/**
 * Propagators of a vector over an interval d (µs) that is only known at run time: a step cut by an input, the
 * rest of a step after a spike. Left in PROPAGATOR: decays of membrane and currents, responses P to the currents.
 *
 *     e^(−d/τ) by its series to the 4th order     P(d) = ∫₀ᵈ e^(−(d−t)/τ_m) e^(−t/τ_s) dt by a polynomial
 *
 * The series hold for d/τ ≤ 0.1 (error 8e-8); larger ones are halved HALVINGS times and put together again:
 * P(2d) = P(d) (e^(−d/τ_m) + e^(−d/τ_s)). Neither needs τ_m ≠ τ_s. Twin of src/kernels/oracle/propagators.ts.
 */

import {
  HALVINGS, PE_1, PE_2, PE_3, PE_4, PI_1, PI_2, PI_3, PI_4, PROPAGATOR, RATE_E, RATE_I, RATE_M,
} from "../src/kernels/layout";
import { add, all, at, mul } from "./vector";

export const DECAY_M = PROPAGATOR;
export const DECAY_E = PROPAGATOR + 16;
export const DECAY_I = PROPAGATOR + 32;
export const RESPONSE_E = PROPAGATOR + 48;
export const RESPONSE_I = PROPAGATOR + 64;

// @ts-ignore: decorator
@inline
function exponential(y: v128): v128 {
  let sum = add(mul(y, all(0.041666666666666664)), all(0.16666666666666666));
  sum = add(mul(y, sum), all(0.5));
  sum = add(mul(y, sum), all(1));
  return add(mul(y, sum), all(1));
}

// @ts-ignore: decorator
@inline
function response(d: v128, p1: v128, p2: v128, p3: v128, p4: v128): v128 {
  let sum = add(mul(d, p4), p3);
  sum = add(mul(d, sum), p2);
  sum = add(mul(d, sum), p1);
  sum = add(mul(d, sum), all(1));
  return mul(d, sum);
}

// @ts-ignore: decorator
@inline
export function propagate(p: usize, interval: f32): void {
  const halvings = load<i32>(HALVINGS);
  const d = all(interval * reinterpret<f32>((127 - halvings) << 23));
  let am = exponential(mul(v128.load(p, RATE_M), d));
  let ae = exponential(mul(v128.load(p, RATE_E), d));
  let ai = exponential(mul(v128.load(p, RATE_I), d));
  let pe = response(d, v128.load(p, PE_1), v128.load(p, PE_2), v128.load(p, PE_3), v128.load(p, PE_4));
  let pi = response(d, v128.load(p, PI_1), v128.load(p, PI_2), v128.load(p, PI_3), v128.load(p, PI_4));
  for (let k = 0; k < halvings; k++) {
    pe = mul(pe, add(am, ae));
    pi = mul(pi, add(am, ai));
    am = mul(am, am);
    ae = mul(ae, ae);
    ai = mul(ai, ai);
  }
  v128.store(DECAY_M, am);
  v128.store(DECAY_E, ae);
  v128.store(DECAY_I, ai);
  v128.store(RESPONSE_E, pe);
  v128.store(RESPONSE_I, pi);
}
