import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { cutBatches, epochOrder } from "../../src/data/batches.ts";

describe("epoch order", () => {
  it("is a permutation, the same for the same seed and epoch, another for another", () => {
    const order = epochOrder(500, 3, 7);
    expect([...order].sort((a, b) => a - b)).toEqual(Array.from({ length: 500 }, (_, i) => i));
    expect(epochOrder(500, 3, 7)).toEqual(order);
    expect(epochOrder(500, 3, 8)).not.toEqual(order);
    expect(epochOrder(500, 4, 7)).not.toEqual(order);
  });
});

describe("batches", () => {
  it("hold every sample once; only the last may be smaller", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 200 }), fc.integer({ min: 1, max: 60 }), (size, batchSize) => {
        const order = epochOrder(size, 1, 0);
        const batches = cutBatches(order, batchSize);
        expect(batches.flatMap((batch) => [...batch])).toEqual([...order]);
        for (const batch of batches.slice(0, -1)) expect(batch.length).toBe(batchSize);
        expect(batches.at(-1)?.length).toBe(size % batchSize || batchSize);
      }),
    );
  });
});
