/**
 * The order in which samples are learned: a new permutation per epoch, cut into batches. It depends on the
 * seed and the epoch alone, so a resumed run goes on exactly where it stopped.
 *
 * The last batch of an epoch is kept when it is smaller: every sample counts once per epoch. (The published
 * Yin-Yang scripts drop it; with 5000 samples in batches of 50 there is none.)
 */

import { permutation, stream } from "../core/random.ts";

/** Samples of epoch `epoch` in the order in which they are learned: a permutation of 0 … size−1. */
export function epochOrder(size: number, seed: number, epoch: number): Int32Array {
  return permutation(size, stream(seed, "data/train", epoch));
}

/** Cuts `order` into runs of `batchSize`, the last one shorter when it does not divide; views, not copies. */
export function cutBatches(order: Int32Array, batchSize: number): Int32Array[] {
  const batches: Int32Array[] = [];
  for (let from = 0; from < order.length; from += batchSize) {
    batches.push(order.subarray(from, from + batchSize));
  }
  return batches;
}
