import { describe, expect, test } from "vitest";
import { effectsWith } from "../../../src/chip/simulated/effects.ts";
import { CURVE_LENGTH, drawSynapsePattern } from "../../../src/chip/simulated/synapse-pattern.ts";

const pattern = drawSynapsePattern(7, effectsWith({}), 1);

describe("weight curves", () => {
  test("start at 0, end at 63, never fall", () => {
    for (let start = 0; start < pattern.curves.length; start += CURVE_LENGTH) {
      const curve = pattern.curves.subarray(start, start + CURVE_LENGTH);
      expect(curve[0]).toBe(0);
      expect(curve[63]).toBeCloseTo(63, 4);
      for (let w = 1; w < CURVE_LENGTH; w++) expect(curve[w]).toBeGreaterThanOrEqual(curve[w - 1]!);
    }
  });

  // 64 bridges, whose mean squares have a relative sd of about 0.9 each: rms ± 4 · 0.9/√64/2 = ± 23 %.
  test("deviate by half a weight step rms", () => {
    const squares = pattern.curves.map((value, i) => (value - (i % CURVE_LENGTH)) ** 2);
    const rms = Math.sqrt(squares.reduce((a, b) => a + b, 0) / squares.length);
    expect(rms).toBeGreaterThan(0.5 * 0.77);
    expect(rms).toBeLessThan(0.5 * 1.23);
  });
});

test("synapses spread as stated, rows are drawn once and independently of the order of use", () => {
  const logs = [...pattern.synapses(300).factor, ...pattern.synapses(3).factor].map(Math.log);
  const sd = Math.sqrt(logs.reduce((sum, v) => sum + v * v, 0) / logs.length);
  expect(Math.abs(sd / effectsWith({}).weightSpread - 1)).toBeLessThan(4 / Math.sqrt(2 * 512));
  expect(pattern.synapses(300)).toBe(pattern.synapses(300));
  const other = drawSynapsePattern(7, effectsWith({}), 1);
  expect(other.synapses(3)).toEqual(pattern.synapses(3));
});

test("without mismatch a synapse is its word", () => {
  const ideal = drawSynapsePattern(7, effectsWith({}), 0);
  expect([...ideal.curves.subarray(0, CURVE_LENGTH)]).toEqual(Array.from({ length: 64 }, (_, w) => w));
  expect(
    [...ideal.driver, ...ideal.row, ...ideal.dacBias, ...ideal.synapses(9).factor].every((f) => f === 1),
  ).toBe(true);
});
