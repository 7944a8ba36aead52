/**
 * The order in which samples are learned: a new permutation per epoch. It depends on the seed and the epoch alone,
 * so a resumed run goes on exactly where it stopped.
 */

import { permutation, stream } from "../core/random.ts";

/** Samples of epoch `epoch` in the order in which they are learned: a permutation of 0 … size−1. */
export function epochOrder(size: number, seed: number, epoch: number): Int32Array {
  return permutation(size, stream(seed, "data/train", epoch));
}
