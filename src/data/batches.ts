/**
 * The order in which samples are learned: a new permutation per epoch, cut into batches. It depends on the
 * seed and the epoch alone, so a resumed run goes on exactly where it stopped.
 *
 * The last batch of an epoch is kept when it is smaller: every sample counts once per epoch. (The published
 * Yin-Yang scripts drop it; with 5000 samples in batches of 50 there is none.)
 */

import { permutation, stream } from "../core/random.ts";
import type { InputBatch } from "../network/observation.ts";

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

/** The given samples of `inputs`, in the given order, with their identities; arrays are copied. */
export function selectSamples(inputs: InputBatch, samples: ArrayLike<number>): InputBatch {
  const offset = new Int32Array(samples.length + 1);
  for (let i = 0; i < samples.length; i++) {
    const sample = samples[i] as number;
    const spikes = (inputs.offset[sample + 1] as number) - (inputs.offset[sample] as number);
    offset[i + 1] = (offset[i] as number) + spikes;
  }
  const total = offset[samples.length] as number;
  const time = new Float64Array(total);
  const source = new Int32Array(total);
  const id = new Int32Array(samples.length);
  for (let i = 0; i < samples.length; i++) {
    const sample = samples[i] as number;
    let to = offset[i] as number;
    const end = inputs.offset[sample + 1] as number;
    for (let from = inputs.offset[sample] as number; from < end; from++, to++) {
      time[to] = inputs.time[from] as number;
      source[to] = inputs.source[from] as number;
    }
    id[i] = inputs.id[sample] as number;
  }
  return { samples: samples.length, offset, time, source, id };
}
