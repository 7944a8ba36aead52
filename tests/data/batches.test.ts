import { describe, expect, it } from "vitest";
import { epochOrder } from "../../src/data/batches.ts";

describe("epoch order", () => {
  it("is a permutation, the same for the same seed and epoch, another for another", () => {
    const order = epochOrder(500, 3, 7);
    expect([...order].sort((a, b) => a - b)).toEqual(Array.from({ length: 500 }, (_, i) => i));
    expect(epochOrder(500, 3, 7)).toEqual(order);
    expect(epochOrder(500, 3, 8)).not.toEqual(order);
    expect(epochOrder(500, 4, 7)).not.toEqual(order);
  });
});
