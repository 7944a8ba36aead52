/**
 * Third step of the adjoint of a layer: slopes of the membranes at own spikes, from observed spikes alone. The
 * synaptic currents, which nobody observes, are run again with the network's constants.
 *
 *     before a spike  V̇(t_k⁻) = (I(t_k⁻) − ϑ)/τ_m        after a release  V̇(release⁺) = (I(release⁺) − V_r)/τ_m
 *
 * with I = I_e + I_i.
 */

import { CONSTANTS, LEAK_RATE, RESET, THRESHOLD } from "./adjoint-constants.ts";
import { EVENT, type LayerTrace, RELEASE } from "./layer-trace.ts";

/** `start` is the first neuron of the layer. */
export function findSlopes(
  { neurons, first, column, events, slopes, waits }: LayerTrace,
  constants: Float64Array,
  start: number,
): void {
  const stride = EVENT;
  const isRelease = RELEASE;
  for (let n = 0; n < neurons; n++) {
    const own = (start + column[n]!) * CONSTANTS;
    const a = constants[own + LEAK_RATE]!;
    const threshold = constants[own + THRESHOLD]!;
    const reset = constants[own + RESET]!;
    const end = first[n + 1]!;
    let exc = 0;
    let inh = 0;
    for (let event = first[n]!; event < end; event++) {
      const at = event * stride;
      let wait = events[at + 2]! * 4;
      const to = events[at + 3]! * 4;
      if (events[at + 4]! > 0) {
        exc *= waits[wait - 7]!;
        inh *= waits[wait - 3]!;
      }
      for (; wait < to; wait += 4) {
        const weight = waits[wait + 3]!;
        const current = weight * waits[wait + 1]!;
        const negative = +(weight < 0);
        inh += negative * current;
        exc += current - negative * current;
      }
      slopes[event] = a * (exc + inh - (events[at] === isRelease ? reset : threshold));
    }
  }
}
