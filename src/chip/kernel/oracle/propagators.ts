/**
 * Propagators of a lane over an interval d (µs) that is only known at run time: a step cut by an input, the rest of
 * a step after a spike.
 *
 *     e^(−d/τ) by its series to the 4th order     P(d) = ∫₀ᵈ e^(−(d−t)/τ_m) e^(−t/τ_s) dt by a polynomial
 *
 * The series hold for d/τ ≤ 0.1 (error 8e-8); larger ones are halved and put together again:
 * P(2d) = P(d) (e^(−d/τ_m) + e^(−d/τ_s)). Neither needs τ_m ≠ τ_s. Twin of assembly/propagators.ts.
 */

import { f } from "./single.ts";
import type { OracleState } from "./state.ts";

/** Decays of membrane and currents, responses of the membrane to the currents. */
export interface Propagators {
  am: number;
  ae: number;
  ai: number;
  pe: number;
  pi: number;
}

const FOURTH = f(1 / 24);
const THIRD = f(1 / 6);

function exponential(y: number): number {
  let sum = f(f(y * FOURTH) + THIRD);
  sum = f(f(y * sum) + 0.5);
  sum = f(f(y * sum) + 1);
  return f(f(y * sum) + 1);
}

function response(d: number, p1: number, p2: number, p3: number, p4: number): number {
  let sum = f(f(d * p4) + p3);
  sum = f(f(d * sum) + p2);
  sum = f(f(d * sum) + p1);
  sum = f(f(d * sum) + 1);
  return f(d * sum);
}

/** Over `interval`, f32. */
export function propagate({ lanes, halvings }: OracleState, lane: number, interval: number): Propagators {
  const d = f(interval * 2 ** -halvings);
  let am = exponential(f(lanes.rateM[lane]! * d));
  let ae = exponential(f(lanes.rateE[lane]! * d));
  let ai = exponential(f(lanes.rateI[lane]! * d));
  let pe = response(d, lanes.pe1[lane]!, lanes.pe2[lane]!, lanes.pe3[lane]!, lanes.pe4[lane]!);
  let pi = response(d, lanes.pi1[lane]!, lanes.pi2[lane]!, lanes.pi3[lane]!, lanes.pi4[lane]!);
  for (let k = 0; k < halvings; k++) {
    pe = f(pe * f(am + ae));
    pi = f(pi * f(am + ai));
    am = f(am * am);
    ae = f(ae * ae);
    ai = f(ai * ai);
  }
  return { am, ae, ai, pe, pi };
}
