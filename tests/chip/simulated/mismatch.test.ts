import { describe, expect, test } from "vitest";
import { quadrantOf } from "../../../src/chip/coordinates.ts";
import { effectsWith } from "../../../src/chip/simulated/effects.ts";
import {
  CURVE_LENGTH,
  drawNeuronPattern,
  drawSynapsePattern,
  type NeuronPattern,
} from "../../../src/chip/simulated/mismatch.ts";

const DEFAULTS = effectsWith({});
const SEEDS = Array.from({ length: 8 }, (_, i) => i + 1);
const PATTERNS = SEEDS.map((seed) => drawNeuronPattern(seed, effectsWith({}), 1));

/** Values of all chips with the mean of their quadrant taken out: 8 · 512 values in 32 groups. */
function withinQuadrants(value: (pattern: NeuronPattern, neuron: number) => number): number[] {
  return PATTERNS.flatMap((pattern) => {
    const mean = [0, 0, 0, 0];
    for (let n = 0; n < 512; n++) mean[quadrantOf(n)]! += value(pattern, n) / 128;
    return Array.from({ length: 512 }, (_, n) => value(pattern, n) - mean[quadrantOf(n)]!);
  });
}

function sd(values: readonly number[]): number {
  return Math.sqrt(values.reduce((sum, v) => sum + v * v, 0) / (values.length - 32));
}

function correlation(a: readonly number[], b: readonly number[]): number {
  return a.reduce((sum, v, i) => sum + v * b[i]!, 0) / (a.length - 32) / sd(a) / sd(b);
}

// Standard error of an sd over 4064 degrees of freedom: 1.1 %; bounds are 4 of them.
const log = Math.log;
test.each([
  ["leak, LSB", 11.4, (p: NeuronPattern, n: number) => p.leak[n]!],
  ["reset, LSB", 12, (p: NeuronPattern, n: number) => p.reset[n]!],
  ["threshold, LSB", 5.9, (p: NeuronPattern, n: number) => p.threshold[n]!],
  ["ln tau_mem", 0.09, (p: NeuronPattern, n: number) => log(p.tauMem[n]!)],
  ["ln tau_syn exc", 0.22, (p: NeuronPattern, n: number) => log(p.tauSynExc[n]!)],
  ["ln tau_syn inh", 0.2, (p: NeuronPattern, n: number) => log(p.tauSynInh[n]!)],
  [
    "ln strength exc",
    Math.hypot(DEFAULTS.strengthSignSpread, DEFAULTS.strengthNeuronSpread),
    (p: NeuronPattern, n: number) => log(p.strengthExc[n]!),
  ],
  ["shift code", 110, (p: NeuronPattern, n: number) => p.shiftInh[n]!],
])("spread within quadrants as on the real chip: %s", (_, expected, value) => {
  expect(Math.abs(sd(withinQuadrants(value)) / expected - 1)).toBeLessThan(0.045);
});

// Standard error of a correlation: below 1/√4096 = 0.016.
test.each([
  ["leak, reset", 0.61, "leak", "reset"],
  ["reset, threshold", 0.28, "reset", "threshold"],
  ["leak, threshold", 0.21, "leak", "threshold"],
] as const)("correlation as on the real chip: %s", (_, expected, a, b) => {
  const value = correlation(
    withinQuadrants((p, n) => p[a][n]!),
    withinQuadrants((p, n) => p[b][n]!),
  );
  expect(Math.abs(value - expected)).toBeLessThan(0.064);
});

describe("the pattern of one chip", () => {
  test("is the same for the same seed and another for another", () => {
    expect(drawNeuronPattern(1, effectsWith({}), 1)).toEqual(PATTERNS[0]);
    expect(PATTERNS[1]?.leak[0]).not.toBe(PATTERNS[0]?.leak[0]);
  });

  test("scales with mismatch and vanishes at 0", () => {
    const half = drawNeuronPattern(1, effectsWith({}), 0.5);
    expect(half.leak[5]).toBeCloseTo(0.5 * PATTERNS[0]!.leak[5]!, 12);
    const none = drawNeuronPattern(1, effectsWith({}), 0);
    expect([...none.leak, ...none.reset, ...none.threshold].every((v) => v === 0)).toBe(true);
    expect([...none.tauMem, ...none.tauSynExc, ...none.strengthInh].every((v) => v === 1)).toBe(true);
    expect(none.dead.some((d) => d === 1)).toBe(false);
  });

  test("a changed magnitude leaves the other quantities alone", () => {
    const other = drawNeuronPattern(1, effectsWith({ leakSpreadLsb: 0, leakQuadrantSpreadLsb: 0 }), 1);
    expect(other.leak.every((v) => v === 0)).toBe(true);
    expect(other.reset).toEqual(PATTERNS[0]?.reset);
    expect(other.tauMem).toEqual(PATTERNS[0]?.tauMem);
  });

  test("about 1 of 512 neurons is dead: 8 of 8 chips, Poisson bounds at 4 sigma", () => {
    const dead = PATTERNS.reduce((sum, { dead }) => sum + dead.reduce((a, b) => a + b, 0), 0);
    expect(dead).toBeGreaterThan(0);
    expect(dead).toBeLessThan(8.2 + 4 * Math.sqrt(8.2));
  });
});

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
