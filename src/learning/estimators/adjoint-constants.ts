/**
 * Constants of all neurons as the adjoint needs them, in one array so that those of a neuron lie together:
 * rates a = 1/τ_m, b = 1/τ_e, c = 1/τ_i in 1/µs, potentials in model units.
 */

import type { NeuronConstants } from "../../network/network.ts";

/** Entry `neuron · CONSTANTS + …` of the table. */
export const CONSTANTS = 8;
export const LEAK_RATE = 0;
export const EXC_RATE = 1;
export const INH_RATE = 2;
/** a/(b − a) and a/(c − a); infinite in the limit, where a series is taken. */
export const EXC_FACTOR = 3;
export const INH_FACTOR = 4;
export const THRESHOLD = 5;
export const RESET = 6;
/** Neurons with equal rates have equal numbers: their decays over equal times are the same. */
export const CLASS = 7;

export function adjointConstants(constants: NeuronConstants): Float64Array {
  const { tauMem, tauSynExc, tauSynInh, threshold, reset } = constants;
  const table = new Float64Array(CONSTANTS * tauMem.length);
  const classes = new Map<string, number>();
  for (let neuron = 0; neuron < tauMem.length; neuron++) {
    const a = 1 / tauMem[neuron]!;
    const b = 1 / tauSynExc[neuron]!;
    const c = 1 / tauSynInh[neuron]!;
    const name = `${a} ${b} ${c}`;
    if (!classes.has(name)) classes.set(name, classes.size);
    const entry = [a, b, c, a / (b - a), a / (c - a), threshold[neuron]!, reset[neuron]!, classes.get(name)!];
    table.set(entry, neuron * CONSTANTS);
  }
  return table;
}
