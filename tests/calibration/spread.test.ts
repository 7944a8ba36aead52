import { describe, expect, it } from "vitest";
import { average, deviation, median, trimmedDeviation } from "../../src/calibration/spread.ts";

describe("statistics over neurons", () => {
  it("know answers by hand", () => {
    expect(median([3, 1, 2])).toBe(2);
    expect(median([4, 1, 2, 3])).toBe(2.5);
    expect(average([1, 2, 6])).toBe(3);
    expect(deviation([1, 2, 3, 4])).toBeCloseTo(Math.sqrt(5 / 3), 12);
  });

  it("leave missing values out", () => {
    const values = [1, Number.NaN, 3, Number.POSITIVE_INFINITY];
    expect(median(values)).toBe(2);
    expect(average(values)).toBe(2);
    expect(deviation(values)).toBeCloseTo(Math.SQRT2, 12);
    expect(median([Number.NaN])).toBeNaN();
    expect(deviation([1])).toBeNaN();
  });

  it("trim 5 % on each side", () => {
    const values = Array.from({ length: 100 }, (_, i) => (i < 5 ? -1e6 : i >= 95 ? 1e6 : i));
    expect(trimmedDeviation(values)).toBeCloseTo(deviation(values.slice(5, 95)), 9);
    expect(deviation(values)).toBeGreaterThan(1e5);
  });
});
