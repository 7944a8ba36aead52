/**
 * Constants of all neurons as the adjoint needs them, in one array so that those of a neuron lie together:
 * rates a = 1/τ_m, b = 1/τ_e, c = 1/τ_i in 1/µs, potentials in model units.
 */

import type { NeuronConstants } from "../network/network.ts";
import { decay } from "../neuron/decay.ts";

/** Entry `neuron · CONSTANTS + …` of the table. */
export const CONSTANTS = 8;
export const LEAK_RATE = 0;
export const EXC_RATE = 1;
export const INH_RATE = 2;
export const THRESHOLD = 3;
export const RESET = 4;
/** Neurons with equal rates have equal numbers: their decays over equal times are the same. */
export const CLASS = 5;
/** e^{−b t_ref} and e^{−c t_ref}: what a hold leaves of the currents. */
export const EXC_HOLD = 6;
export const INH_HOLD = 7;

export function adjointConstants(constants: NeuronConstants): Float64Array {
  const { tauMem, tauSynExc, tauSynInh, threshold, reset, refractory } = constants;
  const table = new Float64Array(CONSTANTS * tauMem.length);
  const classes = new Map<string, number>();
  for (let neuron = 0; neuron < tauMem.length; neuron++) {
    const a = 1 / tauMem[neuron]!;
    const b = 1 / tauSynExc[neuron]!;
    const c = 1 / tauSynInh[neuron]!;
    const name = `${a} ${b} ${c}`;
    if (!classes.has(name)) classes.set(name, classes.size);
    const hold = refractory[neuron]!;
    const entry = [
      a,
      b,
      c,
      threshold[neuron]!,
      reset[neuron]!,
      classes.get(name)!,
      decay(b * hold),
      decay(c * hold),
    ];
    table.set(entry, neuron * CONSTANTS);
  }
  return table;
}
