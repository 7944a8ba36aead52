import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { clipGradient } from "../../src/optimize/clipping.ts";

const gradients = fc
  .array(fc.double({ min: -1e6, max: 1e6, noNaN: true }), { minLength: 1, maxLength: 12 })
  .map((values) => Float64Array.from(values));
const limits = fc.double({ min: 1e-3, max: 1e3, noNaN: true });
const length = (values: Float64Array): number => Math.hypot(...values);

describe("clipping of gradients", () => {
  it("by norm shortens what is longer and keeps its direction", () => {
    fc.assert(
      fc.property(gradients, limits, (gradient, norm) => {
        const before = gradient.slice();
        const clipped = clipGradient(gradient, { norm });
        expect(clipped).toBe(length(before) > norm);
        expect(length(gradient)).toBeLessThanOrEqual(norm * (1 + 1e-12));
        const factor = clipped ? norm / length(before) : 1;
        for (const [i, value] of gradient.entries()) expect(value).toBeCloseTo(before[i]! * factor, 6);
      }),
    );
  });

  it("by value cuts each entry at the limit and leaves the others", () => {
    fc.assert(
      fc.property(gradients, limits, (gradient, value) => {
        const before = gradient.slice();
        const clipped = clipGradient(gradient, { value });
        expect([...gradient]).toEqual([...before].map((g) => Math.min(Math.max(g, -value), value)));
        expect(clipped).toBe(before.some((g) => Math.abs(g) > value));
      }),
    );
  });

  it("cuts the values first when both are given", () => {
    const gradient = Float64Array.of(30, 4);
    clipGradient(gradient, { value: 3, norm: 1 });
    for (const entry of gradient) expect(entry).toBeCloseTo(Math.SQRT1_2, 12);
  });
});
