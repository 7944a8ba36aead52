/**
 * Motion of the adjoint between events, closed form, backwards over s µs (rates a, b, c of adjoint-constants.ts):
 *
 *     p_V ← p_V e^{−as}      p_E ← p_E e^{−bs} + p_V K_b(s)      p_I ← p_I e^{−cs} + p_V K_c(s)
 *     K_r(s) = a (e^{−as} − e^{−rs}) / (r − a)  →  a s e^{−as}  as r → a
 *
 * the transpose of the forward flow (src/model/flow.ts). Near r = a, with x = (r − a) s, the difference is
 * e^{−as} x · (1 − e^{−x})/x, whose last factor is a short series.
 */

import { decay } from "../../model/decay.ts";
import { EXC_FACTOR, EXC_RATE, INH_FACTOR, INH_RATE, LEAK_RATE } from "./adjoint-constants.ts";

/** Numbers of one flow, in this order: e^{−as}, e^{−bs}, K_b, e^{−cs}, K_c. */
export const FLOW = 5;

/**
 * Up to this |x| the series to x⁴ is exact to rounding; beyond it the difference has lost less than 10 bits, so
 * that K_r is good to 3e-13 everywhere, and the choice between the two is nearly always the same.
 */
const SERIES = 2 ** -10;

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
  if (x < SERIES && x > -SERIES) {
    const share = leak * series(x);
    flows[at + 1] = leak - x * share;
    flows[at + 2] = a * s * share;
  } else {
    const exc = decay(b * s);
    flows[at + 1] = exc;
    flows[at + 2] = constants[neuron + EXC_FACTOR]! * (leak - exc);
  }
  const y = (c - a) * s;
  if (c === b) {
    flows[at + 3] = flows[at + 1]!;
    flows[at + 4] = flows[at + 2]!;
  } else if (y < SERIES && y > -SERIES) {
    const share = leak * series(y);
    flows[at + 3] = leak - y * share;
    flows[at + 4] = a * s * share;
  } else {
    const inh = decay(c * s);
    flows[at + 3] = inh;
    flows[at + 4] = constants[neuron + INH_FACTOR]! * (leak - inh);
  }
}

/** (1 − e^{−x})/x. */
function series(x: number): number {
  return 1 - x * (1 / 2 - x * (1 / 6 - x * (1 / 24 - x * (1 / 120))));
}
