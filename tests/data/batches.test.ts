import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { cutBatches, epochOrder, selectSamples } from "../../src/data/batches.ts";
import { latencyEncoder } from "../../src/data/encoders.ts";
import { yinYangSamples } from "../../src/data/yin-yang.ts";

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

  it("select samples with their spikes and identities", () => {
    const inputs = latencyEncoder({ early: 2, late: 26, bias: 2 }, 4).encode(yinYangSamples(20, 1));
    const chosen = [7, 0, 19, 7];
    const batch = selectSamples(inputs, chosen);
    expect([...batch.id]).toEqual(chosen);
    chosen.forEach((sample, i) => {
      const there = inputs.time.subarray(inputs.offset[sample], inputs.offset[sample + 1]);
      expect(batch.time.subarray(batch.offset[i], batch.offset[i + 1])).toEqual(there);
      const sources = inputs.source.subarray(inputs.offset[sample], inputs.offset[sample + 1]);
      expect(batch.source.subarray(batch.offset[i], batch.offset[i + 1])).toEqual(sources);
    });
  });
});
