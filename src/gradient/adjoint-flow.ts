/**
 * Motion of the adjoint between events, closed form, backwards over s µs (rates a, b, c of adjoint-constants.ts):
 *
 *     p_V ← p_V e^{−as}      p_E ← p_E e^{−bs} + p_V K_b(s)      p_I ← p_I e^{−cs} + p_V K_c(s)
 *     K_r(s) = a (e^{−as} − e^{−rs}) / (r − a)  →  a s e^{−as}  as r → a
 *
 * the transpose of the forward flow (src/neuron/flow.ts). With x = (r − a) s, K_r = a s e^{−rs} (e^x − 1)/x.
 */

import { decay } from "../neuron/decay.ts";
import { EXC_RATE, INH_RATE, LEAK_RATE } from "./adjoint-constants.ts";

/** Numbers of one flow, in this order: e^{−as}, e^{−bs}, K_b, e^{−cs}, K_c. */
export const FLOW = 5;

/**
 * Writes the flow over `flows[at]` ≥ 0 µs to flows[at … at + FLOW − 1], for the neuron whose constants start at
 * `neuron`. (The time comes in the array because a number passed to a function that is not inlined is boxed.)
 */
export function writeFlow(constants: Float64Array, neuron: number, flows: Float64Array, at: number): void {
  const s = flows[at]!;
  const a = constants[neuron + LEAK_RATE]!;
  const b = constants[neuron + EXC_RATE]!;
  const c = constants[neuron + INH_RATE]!;
  const leak = decay(a * s);
  flows[at] = leak;
  const x = (b - a) * s;
  if (x * x < 1 / 256) {
    const share = leak * growth(-x);
    flows[at + 1] = leak - x * share;
    flows[at + 2] = a * s * share;
  } else {
    const exc = decay(b * s);
    flows[at + 1] = exc;
    flows[at + 2] = (a / (b - a)) * (leak - exc);
  }
  const y = (c - a) * s;
  if (c === b) {
    flows[at + 3] = flows[at + 1]!;
    flows[at + 4] = flows[at + 2]!;
  } else if (y * y < 1 / 256) {
    const share = leak * growth(-y);
    flows[at + 3] = leak - y * share;
    flows[at + 4] = a * s * share;
  } else {
    const inh = decay(c * s);
    flows[at + 3] = inh;
    flows[at + 4] = (a / (c - a)) * (leak - inh);
  }
}

/** K_r(s) from e^{−rs}, y = a s and x = (r − a) s. */
export function response(own: number, y: number, x: number): number {
  if (x * x < 1 / 256) return y * own * growth(x);
  return (y / x) * (decay(y) - own);
}

/**
 * (e^x − 1)/x, its series to x⁷. Up to |x| = 1/16 the remainder is below 10⁻¹⁵; beyond it the difference of two
 * exponentials loses 4 bits at most. (The bound stands as that of the square, which the series needs anyhow. What is
 * declared as a function could be replaced, and would be compared at every call.)
 */
const growth = (x: number): number => {
  const q = x * x;
  const even = 1 + q * (1 / 6 + q * (1 / 120 + q * (1 / 5040)));
  const odd = 1 / 2 + q * (1 / 24 + q * (1 / 720 + q * (1 / 40320)));
  return even + x * odd;
};
