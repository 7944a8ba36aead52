import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { logarithmicSlope, medianOf, spreadOf, summaryOf } from "../../src/statistics/spread.ts";

describe("statistics of repeated measurements", () => {
  it("are those of a known sample", () => {
    // 2, 4, 4, 4, 5, 5, 7, 9: sum of squares around the mean 5 is 32.
    const { mean, deviation } = spreadOf([2, 4, 4, 4, 5, 5, 7, 9]) as { mean: number; deviation: number };
    expect(mean).toBe(5);
    expect(deviation).toBeCloseTo(Math.sqrt(32 / 7), 14);
    expect(spreadOf([3])).toEqual({ mean: 3, deviation: 0 });
    expect(spreadOf([])).toBeNull();
  });

  it("have a median in the middle, whatever the order", () => {
    expect(medianOf([])).toBeNull();
    expect(medianOf([5, 1, 3])).toBe(3);
    expect(medianOf([10, 9, 1, 2])).toBe(5.5);
    expect(medianOf([-1e9, 2, 100])).toBe(2);
  });

  it("find the power of a power law", () => {
    fc.assert(
      fc.property(
        fc.double({ min: -3, max: 3, noNaN: true }),
        fc.double({ min: 0.1, max: 10, noNaN: true }),
        (power, factor) => {
          const steps = [1, 0.5, 0.25, 0.1];
          const slope = logarithmicSlope(
            steps,
            steps.map((step) => factor * step ** power),
          );
          expect(slope).toBeCloseTo(power, 9);
        },
      ),
    );
  });
});

describe("summaryOf", () => {
  it("agrees with R", () => {
    // x <- c(...); c(length(x), mean(x), sd(x), median(x), min(x), max(x)) with digits = 16, R 4.2.2
    const summary = summaryOf([98.1, 97.4, 95.25, 99.5, 90.125, 93.0])!;
    expect(summary).toMatchObject({ n: 6, mean: 95.5625, min: 90.125, max: 99.5 });
    expect(summary.sd).toBeCloseTo(3.508552051772925, 13);
    expect(summary.median).toBeCloseTo(96.325, 13);
  });

  it("knows no spread of one measurement, and nothing of none", () => {
    expect(summaryOf([3])).toEqual({ n: 1, mean: 3, sd: null, median: 3, min: 3, max: 3 });
    expect(summaryOf([])).toBeNull();
  });
});
