import fc from "fast-check";
import { expect, test } from "vitest";
import { batchStarts, evaluationStarts } from "../../src/engine/shard.ts";

test("a batch of 50 is cut into shards of falling size", () => {
  expect(batchStarts(50)).toEqual([0, 9, 16, 22, 27, 31, 35, 38, 40, 42, 44, 46, 48, 50]);
});

test.each([batchStarts, evaluationStarts])("%o: shards hold all samples, none is empty", (startsOf) => {
  fc.assert(
    fc.property(fc.nat(3000), (samples) => {
      const starts = startsOf(samples);
      expect(starts[0]).toBe(0);
      expect(starts.at(-1)).toBe(samples);
      for (let shard = 1; shard < starts.length; shard++)
        expect(starts[shard]).toBeGreaterThan(starts[shard - 1]!);
    }),
  );
});

test.each([batchStarts, evaluationStarts])("%o: fewer samples never make more shards", (startsOf) => {
  for (let samples = 1; samples < 3000; samples++)
    expect(startsOf(samples - 1).length).toBeLessThanOrEqual(startsOf(samples).length);
});
