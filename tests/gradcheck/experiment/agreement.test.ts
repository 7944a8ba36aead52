import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { agreement, medianEntryError } from "../../../src/gradcheck/experiment/agreement.ts";

const vector = fc
  .array(fc.double({ min: -10, max: 10, noNaN: true }), { minLength: 2, maxLength: 20 })
  .filter((entries) => entries.some((entry) => Math.abs(entry) > 1e-3));

describe("agreement of two gradients", () => {
  it("of a scaled copy is its factor", () => {
    fc.assert(
      fc.property(vector, fc.double({ min: -3, max: 3, noNaN: true }), (entries, factor) => {
        const reference = Float64Array.from(entries);
        const { relativeError, cosine, bias } = agreement(
          reference.map((entry) => factor * entry),
          reference,
        );
        expect(relativeError).toBeCloseTo(Math.abs(factor - 1), 9);
        expect(bias).toBeCloseTo(factor - 1, 9);
        if (Math.abs(factor) > 1e-3) expect(cosine).toBeCloseTo(Math.sign(factor), 9);
      }),
    );
  });

  it("is unknown without a reference, and without a finite estimate", () => {
    const nothing = { relativeError: null, cosine: null, bias: null };
    expect(agreement(Float64Array.of(1, 2), Float64Array.of(0, 0))).toEqual(nothing);
    expect(agreement(Float64Array.of(Number.NaN, 2), Float64Array.of(1, 1))).toEqual(nothing);
    expect(agreement(Float64Array.of(0, 0), Float64Array.of(1, 1))).toMatchObject({ cosine: null, bias: -1 });
  });

  it("has a median over entries that outliers do not move", () => {
    const reference = Float64Array.of(1, 1, 1, 1, 0);
    expect(medianEntryError(Float64Array.of(1.1, 0.9, 1.1, 1e9, 7), reference)).toBeCloseTo(0.1, 12);
    expect(medianEntryError(Float64Array.of(Number.NaN, Number.NaN, 1, 1, 1), reference)).toBe(Infinity);
    expect(medianEntryError(Float64Array.of(1), Float64Array.of(0))).toBeNull();
  });
});
