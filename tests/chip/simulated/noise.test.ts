import { describe, expect, test } from "vitest";
import { createEntryNoise, type EntryNoise, kernelKey } from "../../../src/chip/simulated/noise.ts";

const COUNT = 400_000;

function moments(values: Float32Array): { mean: number; variance: number; kurtosis: number } {
  let m1 = 0;
  let m2 = 0;
  let m4 = 0;
  for (const v of values) {
    m1 += v;
    m2 += v * v;
    m4 += v ** 4;
  }
  const variance = m2 / values.length;
  return { mean: m1 / values.length, variance, kurtosis: m4 / values.length / variance ** 2 - 3 };
}

describe("draws of an entry", () => {
  // Standard errors over N draws: mean 1/√N, variance √(2/N), kurtosis √(24/N); bounds are 4 of them.
  test("are standard normal up to the fourth moment", () => {
    const noise = createEntryNoise();
    noise.start(1, 2, 3);
    const values = new Float32Array(COUNT);
    noise.fillNormal(values, COUNT);
    const { mean, variance, kurtosis } = moments(values);
    expect(Math.abs(mean)).toBeLessThan(4 / Math.sqrt(COUNT));
    expect(Math.abs(variance - 1)).toBeLessThan(4 * Math.sqrt(2 / COUNT));
    expect(Math.abs(kurtosis)).toBeLessThan(4 * Math.sqrt(24 / COUNT));
  });

  test("neighbors in bulk, which share a word, are uncorrelated; odd counts are filled", () => {
    const noise = createEntryNoise();
    noise.start(5, 6, 7);
    const values = new Float32Array(COUNT + 1);
    noise.fillNormal(values, COUNT);
    expect(values[COUNT]).toBe(0);
    let pairs = 0;
    for (let i = 0; i < COUNT; i += 2) pairs += values[i]! * values[i + 1]!;
    expect(Math.abs(pairs / (COUNT / 2))).toBeLessThan(4 / Math.sqrt(COUNT / 2));
    const odd = new Float32Array(4);
    noise.fillNormal(odd, 3);
    expect(odd.subarray(0, 3).every((v) => v !== 0)).toBe(true);
    expect(odd[3]).toBe(0);
  });

  test.each([0, 1, 2, 37])(
    "%i uniforms in bulk are those drawn one by one, and leave the same stream",
    (count) => {
      const [bulk, single] = [createEntryNoise(), createEntryNoise()];
      for (const noise of [bulk, single]) noise.start(1, 2, 3);
      const values = new Float64Array(40).fill(-1);
      bulk.fillUniform(values, count);
      expect([...values.subarray(0, count)]).toEqual(Array.from({ length: count }, () => single.uniform()));
      expect(values.subarray(count).every((value) => value === -1)).toBe(true);
      expect([bulk.uniform(), bulk.normal()]).toEqual([single.uniform(), single.normal()]);
    },
  );

  // A known pitfall of keyed generators: neighboring streams that agree at one position.
  test("are independent across streams: first draws of 20000 entries, and across runs", () => {
    const noise = createEntryNoise();
    const first = new Float32Array(20_000);
    const second = new Float32Array(20_000);
    const otherRun = new Float32Array(20_000);
    for (let entry = 0; entry < first.length; entry++) {
      noise.start(9, 0, entry);
      first[entry] = noise.normal();
      second[entry] = noise.normal();
      noise.start(9, 1, entry);
      otherRun[entry] = noise.normal();
    }
    const bound = 4 / Math.sqrt(first.length);
    for (const values of [first, second, otherRun]) {
      expect(Math.abs(moments(values).mean)).toBeLessThan(bound);
      expect(Math.abs(moments(values).variance - 1)).toBeLessThan(bound * Math.SQRT2);
    }
    const product = (a: Float32Array, b: Float32Array): number =>
      a.reduce((sum, v, i) => sum + v * b[i]!, 0) / a.length;
    expect(Math.abs(product(first, second))).toBeLessThan(bound);
    expect(Math.abs(product(first, otherRun))).toBeLessThan(bound);
    expect(Math.abs(product(first.subarray(1), first.subarray(0, -1)))).toBeLessThan(bound);
  });
});

test("keys differ between entries, runs, seeds and purposes", () => {
  const seen = new Set<string>();
  const key = new Uint32Array(4);
  for (const [seed, run, entry] of [
    [1, 0, 0],
    [1, 0, 1],
    [1, 1, 0],
    [2, 0, 0],
  ] as const) {
    kernelKey(seed, run, entry, key);
    seen.add(key.join());
  }
  expect(seen.size).toBe(4);
  const drawn = (start: (noise: EntryNoise) => void): string => {
    const noise = createEntryNoise();
    start(noise);
    const values = new Float32Array(8);
    noise.fillNormal(values, 8);
    return values.join();
  };
  const streams = [
    drawn((noise) => noise.startRun(1, 0)),
    drawn((noise) => noise.startRun(1, 1)),
    drawn((noise) => noise.startRun(2, 0)),
    drawn((noise) => noise.start(1, 0, 0)),
  ];
  expect(new Set(streams).size).toBe(4);
  expect(drawn((noise) => noise.startRun(1, 0))).toBe(streams[0]);
});
