import fc from "fast-check";
import { expect, it } from "vitest";
import { randomCase } from "./random-cases.ts";
import { differenceCounts, layoutComplaints } from "./random-cases-checks.ts";

it("a random network gives the same spikes, loss and gradient in each layout", () => {
  fc.assert(
    fc.property(fc.nat(1_000_000_000), (seed) => {
      expect(layoutComplaints(randomCase(seed))).toEqual([]);
    }),
    { numRuns: 25, seed: 1 },
  );
});

it("its gradient is that of central differences in the same order of events", async () => {
  let judged = 0;
  await fc.assert(
    fc.asyncProperty(fc.nat(1_000_000_000), async (seed) => {
      const counts = await differenceCounts(randomCase(seed), 2);
      expect(counts.wrong).toBe(0);
      judged += counts.judged;
    }),
    { numRuns: 6, seed: 1 },
  );
  expect(judged).toBeGreaterThan(10);
});
