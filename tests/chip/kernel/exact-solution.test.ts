import fc from "fast-check";
import { expect, it } from "vitest";
import { compareWithExact, hardNetwork } from "./exact-solution.ts";

it("spikes of hard networks are those of the exact solution, within half a stamp of the chip", () => {
  let spikes = 0;
  let undecided = 0;
  fc.assert(
    fc.property(hardNetwork, (drawn) => {
      const result = compareWithExact(drawn);
      spikes += result.spikes;
      if (result.undecided) undecided++;
      expect(result.faults).toEqual([]);
    }),
    { numRuns: 40, seed: 1 },
  );
  // The networks must be alive, and few of them may hang on a rounding.
  expect(spikes).toBeGreaterThan(500);
  expect(undecided).toBeLessThan(5);
});
