import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  type Copies,
  dequantize,
  quantize,
  saturationLimit,
  weightScale,
  wordOffsets,
} from "../../src/mapping/quantize.ts";
import type { Projection } from "../../src/network/network.ts";
import { handCalibration } from "./hand-calibration.ts";
import { networkOf, yinYang } from "./networks.ts";

function projection(count: number, rows: number): Projection {
  return networkOf(count, [["hidden", 1, "lif"]], [["input", "hidden", rows]]).projections[0] as Projection;
}

function wordsOf(weights: readonly number[], rows: number, scale: number, copies: Copies = "spread") {
  const words = new Int8Array(weights.length * rows);
  const saturated = quantize(
    projection(weights.length, rows),
    Float64Array.from(weights),
    scale,
    copies,
    words,
    0,
  );
  return { words: Array.from(words, (word) => word + 0), saturated };
}

describe("weight scale", () => {
  it("is (threshold − leak) / (tauMem · strength)", () => {
    expect(weightScale(handCalibration())).toBeCloseTo(70 / (6 * 0.17), 12);
  });

  it("agrees with the real chip's 68 … 70 words per model unit at its strength", () => {
    // Peak of a PSP with equal time constants: strength · tau / e = 0.38 LSB per word (docs/hardware.md).
    expect(weightScale(handCalibration({}, { strength: (0.38 * Math.E) / 6 }))).toBeCloseTo(67.8, 1);
  });
});

describe("quantizing", () => {
  it("rounds to nearest, half away from zero", () => {
    const { words } = wordsOf([0.5, -0.5, 1.49, -1.49, 2.5, -2.5, 0.49999999999999994, 0], 1, 1);
    expect(words).toEqual([1, -1, 1, -1, 3, -3, 0, 0]);
  });

  it("clips at ±63 per row and counts", () => {
    expect(wordsOf([63.4, 63.5, -64, 1e300, Number.NEGATIVE_INFINITY], 1, 1)).toEqual({
      words: [63, 63, -63, 63, -63],
      saturated: 4,
    });
    expect(wordsOf([315.4, 316, -315.5], 5, 1).saturated).toBe(2);
  });

  it("spreads as evenly as possible", () => {
    expect(wordsOf([7, -8, 0, 315], 5, 1).words).toEqual(
      [
        [2, 2, 1, 1, 1],
        [-2, -2, -2, -1, -1],
        [0, 0, 0, 0, 0],
        [63, 63, 63, 63, 63],
      ].flat(),
    );
  });

  it("gives every copy the same word as published", () => {
    expect(wordsOf([7, -8, 2.5, 400], 5, 1, "equal")).toEqual({
      words: [1, -2, 1, 63].flatMap((word) => new Array<number>(5).fill(word)),
      saturated: 1,
    });
  });

  it("refuses a value that is not a number", () => {
    expect(() => wordsOf([Number.NaN], 1, 1)).toThrow("not a number");
  });

  it("keeps the sum within half a word and the copies within one word of each other", () => {
    const weight = fc.double({ min: -5, max: 5, noNaN: true });
    fc.assert(
      fc.property(fc.array(weight, { minLength: 1 }), fc.integer({ min: 1, max: 8 }), (weights, rows) => {
        const scale = 60;
        const { words, saturated } = wordsOf(weights, rows, scale);
        const limit = (63 * rows) / scale;
        let clipped = 0;
        weights.forEach((value, index) => {
          const copies = words.slice(index * rows, (index + 1) * rows);
          const total = copies.reduce((sum, word) => sum + word, 0);
          const bounded = Math.max(-limit, Math.min(limit, value));
          expect(Math.abs(total - bounded * scale)).toBeLessThanOrEqual(0.5 + 1e-9);
          expect(Math.max(...copies) - Math.min(...copies)).toBeLessThanOrEqual(1);
          if (Math.abs(value) >= saturationLimit(rows, scale, "spread")) clipped++;
        });
        expect(saturated).toBe(clipped);
      }),
    );
  });

  it("is undone by the inverse up to the rounding, and exactly on its own results", () => {
    const network = yinYang(7);
    const offsets = wordOffsets(network);
    const weights = Float64Array.from({ length: network.weights }, (_, i) => Math.sin(i) * 0.9);
    const back = new Float64Array(network.weights);
    const again = new Float64Array(network.weights);
    const words = new Int8Array(offsets[2]!);
    const scale = 68;
    const round = (from: Float64Array, to: Float64Array): void => {
      network.projections.forEach((each, p) => {
        expect(quantize(each, from, scale, "spread", words, offsets[p]!)).toBe(0);
        dequantize(each, words, offsets[p]!, scale, to);
      });
    };
    round(weights, back);
    round(back, again);
    expect(again).toEqual(back);
    weights.forEach((weight, i) => {
      expect(Math.abs(weight - back[i]!)).toBeLessThanOrEqual(0.5 / scale + 1e-12);
    });
  });
});
