import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { centralDifference, type Difference } from "../../../src/gradcheck/experiment/finite-differences.ts";

describe("a central difference", () => {
  it("finds derivatives of smooth functions within its own error estimate", () => {
    fc.assert(
      fc.property(
        fc.double({ min: -2, max: 2, noNaN: true }),
        fc.double({ min: 0.1, max: 5, noNaN: true }),
        (at, frequency) => {
          const found = centralDifference((x) => Math.sin(frequency * (at + x)), 1e-2) as Difference;
          const exact = frequency * Math.cos(frequency * at);
          expect(Math.abs(found.value - exact)).toBeLessThan(1e-9 * frequency);
          expect(Math.abs(found.value - exact)).toBeLessThanOrEqual(found.error + 1e-12);
        },
      ),
    );
  });

  it("shrinks its step where the function bends strongly", () => {
    // √(x + 1e-4): derivative 50 at 0, not defined at the first step.
    const found = centralDifference((x) => (x < -1e-4 ? undefined : Math.sqrt(x + 1e-4)), 1e-3) as Difference;
    expect(found.value / 50).toBeCloseTo(1, 7);
  });

  it("has none where spikes change at every step", () => {
    expect(centralDifference((x) => (x > 0 ? undefined : 1), 1e-3)).toBeUndefined();
    expect(centralDifference(() => undefined, 1e-3)).toBeUndefined();
  });

  it("is exactly zero for a constant, and knows how little rounding leaves of a large one", () => {
    expect(centralDifference(() => 3, 1e-3)?.value).toBe(0);
    const large = centralDifference((x) => 1e12 + x, 1e-3) as Difference;
    expect(Math.abs(large.value - 1)).toBeLessThan(large.error);
    expect(large.error).toBeGreaterThan(0.01);
  });

  it("does not trust a jump", () => {
    // A loss that jumps at the weight although no spike changes: the estimate must own up to it.
    const found = centralDifference((x) => (x > 0 ? 1 : 0), 1e-3) as Difference;
    expect(found.error).toBeGreaterThan(0.1 * Math.abs(found.value));
  });
});
