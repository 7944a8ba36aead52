import fc from "fast-check";
import { expect, it } from "vitest";
import { NOISE_RUNS, type NoiseUse, noiseRun } from "../../src/core/noise-runs.ts";

const uses = Object.keys(NOISE_RUNS) as NoiseUse[];

it("no two uses ever share a number, however many one of them needs", () => {
  const index = fc.nat(2 ** 53 - 1);
  fc.assert(
    fc.property(fc.subarray(uses, { minLength: 2, maxLength: 2 }), index, index, ([a, b], i, j) => {
      const [one, other] = [noiseRun(a!, i), noiseRun(b!, j)];
      expect(one).not.toBe(other);
      for (const run of [one, other]) expect(run).toBe(run >>> 0);
    }),
  );
  const ranges = Object.values(NOISE_RUNS).sort(([a], [b]) => a - b);
  for (let k = 1; k < ranges.length; k++) expect(ranges[k]![0]).toBeGreaterThanOrEqual(ranges[k - 1]![1]);
});
