/** Second step of the adjoint of a layer: everything that is exponential, one wait after the other. */

import { decay } from "../../model/decay.ts";
import { type LayerTrace, WAIT } from "./layer-trace.ts";

/**
 * With y = a s and x = (r − a) s, K_r = y e^{−y} · (1 − e^{−x})/x. Up to this |x| the last factor is a series to x⁶,
 * exact to rounding; beyond it the difference of two exponentials loses 5 bits at most: K_r is good to 4e-14.
 */
const SERIES = 1 / 32;

export function computeWaits({ waits, count }: LayerTrace): void {
  const end = count * WAIT;
  for (let at = 0; at < end; at += WAIT) {
    const y = waits[at]!;
    const x = waits[at + 1]!;
    const leak = decay(y);
    waits[at] = leak;
    if (x < SERIES && x > -SERIES) {
      const q = x * x;
      const mean =
        1 + q * (1 / 6 + q * (1 / 120 + q * (1 / 5040))) - x * (1 / 2 + q * (1 / 24 + q * (1 / 720)));
      const share = leak * mean;
      waits[at + 1] = leak - x * share;
      waits[at + 2] = y * share;
    } else {
      const own = decay(y + x);
      waits[at + 1] = own;
      waits[at + 2] = (y / x) * (leak - own);
    }
  }
}
