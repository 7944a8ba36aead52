/** Neuron words of a measurement: the words found so far with some of them replaced. */

import { copyWords } from "../chip/config.ts";
import { CAPMEM_MAX, NEURONS } from "../chip/limits.ts";
import type { NeuronWords } from "../chip/types.ts";
import type { Stream } from "../core/random.ts";
import { clamp } from "./search.ts";
import type { CalibratedWords } from "./types.ts";

/** Replacements: one code for all neurons, or one per neuron. */
export type WordChange = Partial<Readonly<Record<keyof NeuronWords, number | ArrayLike<number>>>>;

/** A copy of `base` with the changes in it. */
export function changeWords(base: NeuronWords, change: WordChange): NeuronWords {
  const words = copyWords(base);
  for (const [name, value] of Object.entries(change)) {
    const array = words[name as keyof NeuronWords];
    if (typeof value === "number") array.fill(value);
    else array.set(value);
  }
  return words;
}

/** One code for all, shifted at random by up to `size` so that no crowd of equal codes forms. */
export function dithered(code: number, draws: Stream, size = 5): Uint16Array {
  return scattered(new Uint16Array(NEURONS).fill(Math.round(code)), draws, size);
}

/** Each code shifted at random by up to `size`. */
export function scattered(codes: Uint16Array, draws: Stream, size: number): Uint16Array {
  return codes.map((code) => clamp(code + draws.below(2 * size + 1) - size, 0, CAPMEM_MAX));
}

/** Codes shifted by a common amount. */
export function shifted(codes: Uint16Array, by: number): Uint16Array {
  return codes.map((code) => clamp(Math.round(code + by), 0, CAPMEM_MAX));
}

/** An independent copy. */
export function copyCalibrated(words: CalibratedWords): CalibratedWords {
  return {
    neurons: copyWords(words.neurons),
    quadrants: copyWords(words.quadrants),
    cadcOffset: words.cadcOffset.slice(),
    refractoryClocks: words.refractoryClocks.slice(),
  };
}
