/**
 * The analog memory that holds the neurons' words: a stored code is a little off, always by the same amount for
 * the same cell and code, and further off where more than half of a block's 128 cells of one word hold the same
 * code (crosstalk; calix dithers codes for this reason). Magnitudes are assumed (docs/hardware.md).
 *
 * Errors are hashes of (seed, word, neuron, code), not draws of a stream: a write must not depend on how often
 * somebody else wrote before.
 */

import { quadrantOf } from "../coordinates.ts";
import { CAPMEM_MAX, NEURONS, QUADRANTS } from "../limits.ts";
import type { NeuronWords } from "../types.ts";

/** Words whose errors matter for the membrane. */
export const ANALOG_WORDS = [
  "leak",
  "reset",
  "threshold",
  "leakBias",
  "synExcTau",
  "synInhTau",
  "synExcGm",
  "synInhGm",
  "synExcShift",
  "synInhShift",
  "offsetCurrent",
] as const satisfies readonly (keyof NeuronWords)[];

export type AnalogWord = (typeof ANALOG_WORDS)[number];

const SALT = Object.fromEntries(ANALOG_WORDS.map((word, i) => [word, i])) as Readonly<
  Record<AnalogWord, number>
>;

/** Cells of a block with one code from which crosstalk appears. */
const CROWD = 64;

export interface Capmem {
  /** Takes the words of all neurons; they are kept by reference. */
  write(words: NeuronWords): void;
  /** The code that a cell effectively holds. */
  code(word: AnalogWord, neuron: number): number;
}

/**
 * @param errorCodes sd of a cell's error in codes
 * @param crosstalkCodes largest error of a cell in a crowd, in codes
 */
export function createCapmem(seed: number, errorCodes: number, crosstalkCodes: number): Capmem {
  const size = CAPMEM_MAX + 1;
  const holders = new Uint8Array(ANALOG_WORDS.length * QUADRANTS * size);
  const quadrant = Uint8Array.from({ length: NEURONS }, (_, neuron) => quadrantOf(neuron));
  let stored: NeuronWords | undefined;

  return {
    write(words) {
      stored = words;
      if (crosstalkCodes === 0) return;
      holders.fill(0);
      ANALOG_WORDS.forEach((word, i) => {
        const codes = words[word];
        const base = i * QUADRANTS * size;
        for (let n = 0; n < NEURONS; n++) {
          holders[base + quadrant[n]! * size + codes[n]!]!++;
        }
      });
    },
    code(word, neuron) {
      if (stored === undefined) throw new Error("capmem read before it was written");
      const code = stored[word][neuron]!;
      const salt = SALT[word];
      let error = 0;
      if (errorCodes > 0) error += errorCodes * hashedNormal(seed, salt * NEURONS + neuron, code);
      const cell = (salt * QUADRANTS + quadrant[neuron]!) * size + code;
      if (crosstalkCodes > 0 && holders[cell]! > CROWD) {
        error += crosstalkCodes * (2 * hashedUniform(seed, salt * NEURONS + neuron) - 1);
      }
      return Math.max(0, code + error);
    },
  };
}

/** Finaliser of MurmurHash3 (Appleby, public domain): every bit of the input moves every bit of the output. */
function mix(word: number): number {
  let h = word;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

function hashedUniform(seed: number, cell: number): number {
  return mix(mix(seed ^ 0x5bd1e995) ^ cell) / 2 ** 32;
}

/** Sum of four 16-bit uniforms, scaled to variance 1: near enough to normal for an assumed error. */
function hashedNormal(seed: number, cell: number, code: number): number {
  const first = mix(mix(mix(seed) ^ cell) ^ Math.imul(code + 1, 0x9e3779b9));
  const second = mix(first ^ 0x6c078965);
  const sum = (first & 0xffff) + (first >>> 16) + (second & 0xffff) + (second >>> 16);
  return ((sum + 2) / 65536 - 2) * Math.sqrt(3);
}
