/**
 * Float weights → signed words, one per synapse copy, and back.
 *
 *     total = round(scale · w), half away from zero, clipped to ±63 · rows
 *     scale = (ϑ − leak) / (τ_m · strength)      words per model unit
 *
 * The scale makes a word on a typical neuron do what the model weight does: dV/dt gains strength · total
 * LSB/µs, and one model unit of potential is ϑ − leak LSB. Rounding as in electronicvisions/hxtorch:
 * src/pyhxtorch/hxtorch/spiking/transforms/weight_transforms.py. It knows no circuits.
 */

import type { Calibration } from "../calibration/types.ts";
import { WEIGHT_MAX } from "../chip/limits.ts";
import type { Network, Projection } from "../network/network.ts";

/**
 * How a weight is shared by its copies. `spread`: the copies' words differ by at most one, so a weight has
 * 63 · rows steps each way. `equal`: every copy has the same word, as published, 63 steps of `rows` each.
 */
export type Copies = "spread" | "equal";

/** Words per model unit of neurons calibrated so. */
export function weightScale({ target, strength }: Calibration): number {
  return (target.threshold - target.leak) / (target.tauMem * strength);
}

/** Where the words of each projection begin, and their number at the end: [projections + 1]. */
export function wordOffsets(network: Network): Int32Array {
  const offsets = new Int32Array(network.projections.length + 1);
  network.projections.forEach(({ sources, targets, rows }, index) => {
    offsets[index + 1] = offsets[index]! + sources * targets * rows;
  });
  return offsets;
}

/**
 * Signed sums of the words of each weight of one projection, `totals[offset + …]` as in `weights`, written; with
 * `equal` copies the word of each. `weights` holds all weights of the network (`Projection.offset`), model units.
 * Returns how many weights were clipped. Throws Error on a weight that is not a number.
 */
export function roundWeights(
  projection: Projection,
  weights: Float64Array,
  scale: number,
  copies: Copies,
  totals: Int32Array,
): number {
  const { offset, rows } = projection;
  const end = offset + projection.sources * projection.targets;
  const step = copies === "equal" ? rows : 1;
  const limit = (WEIGHT_MAX * rows) / step;
  const factor = scale / step;
  let saturated = 0;
  for (let index = offset; index < end; index++) {
    const wanted = weights[index]! * factor;
    const size = wanted < 0 ? -wanted : wanted;
    let total: number;
    if (size < limit + 0.5) {
      total = size | 0;
      if (size - total >= 0.5) total++;
    } else {
      if (Number.isNaN(size))
        throw new Error(`weight ${index - offset} of ${projection.name} is not a number`);
      total = limit;
      saturated++;
    }
    totals[index] = wanted < 0 ? -total : total;
  }
  return saturated;
}

/** Writes the words of one weight, `words[at … at + rows − 1]`, whose total is as `roundWeights` left it. */
export function shareTotal(total: number, rows: number, copies: Copies, words: Int8Array, at: number): void {
  if (rows === 1 || copies === "equal") {
    for (let copy = 0; copy < rows; copy++) words[at + copy] = total;
    return;
  }
  const sign = total < 0 ? -1 : 1;
  const size = sign * total;
  const low = (size / rows) | 0;
  const more = size - low * rows;
  for (let copy = 0; copy < rows; copy++) words[at + copy] = copy < more ? sign * (low + 1) : sign * low;
}

/**
 * Words of one projection: `words[wordOffset + (source · targets + target) · rows + copy]`, −63 … 63, written.
 * Arguments and result as of `roundWeights`.
 */
export function quantize(
  projection: Projection,
  weights: Float64Array,
  scale: number,
  copies: Copies,
  words: Int8Array,
  wordOffset: number,
): number {
  const { offset, rows, sources, targets } = projection;
  const totals = new Int32Array(offset + sources * targets);
  const saturated = roundWeights(projection, weights, scale, copies, totals);
  for (let index = offset, at = wordOffset; index < totals.length; index++, at += rows) {
    shareTotal(totals[index]!, rows, copies, words, at);
  }
  return saturated;
}

/** The model weights that the words of one projection stand for: sum of the copies / scale. Writes `weights`. */
export function dequantize(
  projection: Projection,
  words: Int8Array,
  wordOffset: number,
  scale: number,
  weights: Float64Array,
): void {
  const { offset, rows } = projection;
  const count = projection.sources * projection.targets;
  for (let index = 0; index < count; index++) {
    let total = 0;
    for (let copy = 0; copy < rows; copy++) total += words[wordOffset + index * rows + copy]!;
    weights[offset + index] = total / scale;
  }
}

/** The smallest weight (model units) that `rows` copies cannot hold: half a step more. */
export function saturationLimit(rows: number, scale: number, copies: Copies): number {
  return (WEIGHT_MAX * rows + (copies === "equal" ? rows : 1) / 2) / scale;
}
