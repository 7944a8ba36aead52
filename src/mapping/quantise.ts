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
    offsets[index + 1] = (offsets[index] as number) + sources * targets * rows;
  });
  return offsets;
}

/**
 * Words of one projection: `words[wordOffset + (source · targets + target) · rows + copy]`, −63 … 63, written.
 * `weights` holds all weights of the network (`Projection.offset`), model units.
 * Returns how many weights were clipped. Throws Error on a weight that is not a number.
 */
export function quantise(
  projection: Projection,
  weights: Float64Array,
  scale: number,
  copies: Copies,
  words: Int8Array,
  wordOffset: number,
): number {
  const { offset, rows } = projection;
  const count = projection.sources * projection.targets;
  const step = copies === "equal" ? rows : 1;
  const limit = (WEIGHT_MAX * rows) / step;
  const factor = scale / step;
  let saturated = 0;
  let at = wordOffset;
  for (let index = 0; index < count; index++) {
    const wanted = (weights[offset + index] as number) * factor;
    const size = wanted < 0 ? -wanted : wanted;
    let total = Math.floor(size);
    if (size - total >= 0.5) total++;
    if (!(total <= limit)) {
      if (Number.isNaN(total)) throw new Error(`weight ${index} of ${projection.name} is not a number`);
      total = limit;
      saturated++;
    }
    const sign = wanted < 0 ? -1 : 1;
    if (rows === 1 || copies === "equal") {
      for (let copy = 0; copy < rows; copy++) words[at++] = sign * total;
      continue;
    }
    const low = Math.floor(total / rows);
    const more = total - low * rows;
    for (let copy = 0; copy < rows; copy++) words[at++] = copy < more ? sign * (low + 1) : sign * low;
  }
  return saturated;
}

/** The model weights that the words of one projection stand for: sum of the copies / scale. Writes `weights`. */
export function dequantise(
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
    for (let copy = 0; copy < rows; copy++) total += words[wordOffset + index * rows + copy] as number;
    weights[offset + index] = total / scale;
  }
}

/** The largest weight (model units) that `rows` copies can hold. */
export function weightLimit(rows: number, scale: number): number {
  return (WEIGHT_MAX * rows) / scale;
}
