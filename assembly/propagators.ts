/**
 * Propagators of a vector over intervals d (µs) that are only known at run time: a step cut by an input, the rest of a
 * step after a spike. Left in PROPAGATOR: decays of membrane and currents, responses P to the currents.
 *
 *     e^(−d/τ) by its series to the 4th order     P(d) = ∫₀ᵈ e^(−(d−t)/τ_m) e^(−t/τ_s) dt by a polynomial
 *
 * The series hold for d/τ ≤ 0.1 (error 8e-8); larger ones are halved HALVINGS times and put together again:
 * P(2d) = P(d) (e^(−d/τ_m) + e^(−d/τ_s)). Neither needs τ_m ≠ τ_s.
 */

import {
  AM, HALVINGS, STEP_NOISE, PE_1, PE_2, PE_3, PE_4, PI_1, PI_2, PI_3, PI_4, PROPAGATOR, RATE_E, RATE_I, RATE_M, SERIES,
  SIGMA, STRIDE, VECTORS,
} from "../src/chip/kernel/layout";
import { add, all, mul, root, sub } from "./vector";

export const DECAY_M = PROPAGATOR;
export const DECAY_E = PROPAGATOR + 16;
export const DECAY_I = PROPAGATOR + 32;
export const RESPONSE_E = PROPAGATOR + 48;
export const RESPONSE_I = PROPAGATOR + 64;

// @ts-ignore: decorator
@inline
function exponential(y: v128, fourth: v128, third: v128, half: v128, one: v128): v128 {
  let sum = add(mul(y, fourth), third);
  sum = add(mul(y, sum), half);
  sum = add(mul(y, sum), one);
  return add(mul(y, sum), one);
}

// @ts-ignore: decorator
@inline
function response(d: v128, one: v128, p1: v128, p2: v128, p3: v128, p4: v128): v128 {
  let sum = add(mul(d, p4), p3);
  sum = add(mul(d, sum), p2);
  sum = add(mul(d, sum), p1);
  sum = add(mul(d, sum), one);
  return mul(d, sum);
}

/**
 * Leaves propagators of vector p over 2^halvings d, five vectors from `into` on, `apart` bytes from one to the next.
 * Returns the first of them, the decay of the membranes.
 */
// @ts-ignore: decorator
@inline
function propagateInto(
  into: usize, apart: usize, p: usize, d: v128, halvings: i32, fourth: v128, third: v128, half: v128, one: v128,
): v128 {
  let am = exponential(mul(v128.load(p, RATE_M), d), fourth, third, half, one);
  let ae = exponential(mul(v128.load(p, RATE_E), d), fourth, third, half, one);
  let ai = exponential(mul(v128.load(p, RATE_I), d), fourth, third, half, one);
  let pe = response(d, one, v128.load(p, PE_1), v128.load(p, PE_2), v128.load(p, PE_3), v128.load(p, PE_4));
  let pi = response(d, one, v128.load(p, PI_1), v128.load(p, PI_2), v128.load(p, PI_3), v128.load(p, PI_4));
  for (let k = 0; k < halvings; k++) {
    pe = mul(pe, add(am, ae));
    pi = mul(pi, add(am, ai));
    am = mul(am, am);
    ae = mul(ae, ae);
    ai = mul(ai, ai);
  }
  v128.store(into, am);
  v128.store(into + apart, ae);
  v128.store(into + 2 * apart, ai);
  v128.store(into + 3 * apart, pe);
  v128.store(into + 4 * apart, pi);
  return am;
}

// @ts-ignore: decorator
@inline
function halved(interval: v128, halvings: i32): v128 {
  return mul(interval, all(reinterpret<f32>((127 - halvings) << 23)));
}

/** Constants of the series; in the code they would be made anew at each use. */
const FOURTH: usize = SERIES;
const THIRD: usize = SERIES + 16;
const HALF: usize = SERIES + 32;
const ONE: usize = SERIES + 48;

export function setSeries(): void {
  v128.store(FOURTH, all(0.041666666666666664));
  v128.store(THIRD, all(0.16666666666666666));
  v128.store(HALF, all(0.5));
  v128.store(ONE, all(1));
}

// @ts-ignore: decorator
@inline
export function propagate(p: usize, interval: v128): void {
  const halvings = load<i32>(HALVINGS);
  const d = halved(interval, halvings);
  const one = v128.load(ONE);
  propagateInto(PROPAGATOR, 16, p, d, halvings, v128.load(FOURTH), v128.load(THIRD), v128.load(HALF), one);
}

/** Coefficients of all vectors for another step: AM … STEP_NOISE, `further` bytes behind those of the full step. */
export function propagateAll(interval: f32, further: usize): void {
  const end: usize = load<u32>(VECTORS) << 4;
  const halvings = load<i32>(HALVINGS);
  const d = halved(all(interval), halvings);
  const fourth = v128.load(FOURTH);
  const third = v128.load(THIRD);
  const half = v128.load(HALF);
  const one = v128.load(ONE);
  for (let p: usize = 0; p < end; p += 16) {
    const q = p + further;
    const am = propagateInto(q + AM, STRIDE, p, d, halvings, fourth, third, half, one);
    v128.store(q, mul(v128.load(p, SIGMA), root(sub(one, mul(am, am)))), STEP_NOISE);
  }
}
