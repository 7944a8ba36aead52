/**
 * Known answers are from R 4.2.2 (Debian r-base-core, r-cran-boot), the commands beside them; the maize of Darwin with
 * its count of 1726 of 32768 patterns stands in R. A. Fisher, "The Design of Experiments" (1935), section 21.
 */

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  ALL_FLIPS,
  bootstrapInterval,
  comparePairs,
  FEWEST_PAIRS,
  holm,
  signFlipP,
} from "../../src/statistics/paired.ts";

/** Heights of crossed minus self-fertilized plants, eighths of an inch. */
const MAIZE = [49, -67, 8, 16, 6, 23, 28, 41, 14, 29, 56, 24, 75, 60, -48];
/** `with(sleep, extra[group == 2] - extra[group == 1])` */
const SLEEP = [1.2, 2.4, 1.3, 1.3, 0.0, 1.0, 1.8, 0.8, 4.6, 1.4];

const differences = (least: number, most: number) =>
  fc.array(fc.integer({ min: -100, max: 100 }), { minLength: least, maxLength: most });

describe("sign-flip test", () => {
  it("gives the published answer, and that of R", () => {
    // mean(abs(as.matrix(expand.grid(rep(list(c(-1, 1)), n))) %*% d) >= abs(sum(d)) - 1e-9)
    expect(signFlipP(MAIZE)).toBe(1726 / 32768);
    expect(signFlipP(SLEEP)).toBe(0.00390625);
  });

  it("counts every pattern once", () => {
    fc.assert(
      fc.property(differences(1, 8), (values) => {
        const n = values.length;
        const observed = Math.abs(values.reduce((a, b) => a + b, 0));
        let extreme = 0;
        for (let pattern = 0; pattern < 2 ** n; pattern++) {
          const sum = values.reduce((total, value, i) => total + ((pattern >> i) & 1 ? value : -value), 0);
          if (Math.abs(sum) >= observed) extreme++;
        }
        expect(signFlipP(values)).toBe(extreme / 2 ** n);
      }),
    );
  });

  it("takes random patterns where there are too many, near to the exact share", () => {
    // Zeros change no sum, so the answer is that of Darwin's maize, here within 5 standard errors.
    const many = [...MAIZE, 0, 0, 0, 0, 0, 0];
    expect(many.length).toBeGreaterThan(ALL_FLIPS);
    expect(Math.abs(signFlipP(many) - 1726 / 32768)).toBeLessThan(0.0036);
  });

  it("does not care about units", () => {
    fc.assert(
      fc.property(differences(1, 10), (values) => {
        expect(signFlipP(values.map((value) => value * 0.1))).toBe(signFlipP(values));
      }),
    );
  });
});

describe("bootstrap interval of the mean", () => {
  it("agrees with R, up to the noise of the resamples", () => {
    // boot.ci(boot(d, function(x, i) { y <- x[i]; c(mean(y), var(y) / length(y)) }, R = 200000), type = "stud")
    const maize = bootstrapInterval(MAIZE, 1)!;
    expect(Math.abs(maize[0] - -8.016)).toBeLessThan(2);
    expect(Math.abs(maize[1] - 38.276)).toBeLessThan(1);
    const sleep = bootstrapInterval(SLEEP, 1)!;
    expect(Math.abs(sleep[0] - 0.9446)).toBeLessThan(0.05);
    expect(Math.abs(sleep[1] - 3.1034)).toBeLessThan(0.2);
    // All 6^6 resamples of the first six, enumerated: quantile(t, c(.975, .025), type = 1).
    const six = bootstrapInterval(SLEEP.slice(0, 6), 1)!;
    expect(Math.abs(six[0] - 0.4612)).toBeLessThan(0.1);
    expect(Math.abs(six[1] - 1.8731)).toBeLessThan(0.1);
  });

  it("follows shift and scale, and is the same for the same seed", () => {
    const [low, high] = bootstrapInterval(SLEEP, 3)!;
    const moved = bootstrapInterval(
      SLEEP.map((value) => 5 - 2 * value),
      3,
    )!;
    // A negative factor swaps the ends.
    expect(moved[0]).toBeCloseTo(5 - 2 * high, 10);
    expect(moved[1]).toBeCloseTo(5 - 2 * low, 10);
    expect(bootstrapInterval(SLEEP, 3)).toEqual([low, high]);
  });

  it("tells nothing where all or most differences are equal", () => {
    expect(bootstrapInterval([2, 2, 2, 2, 2, 2], 1)).toBeNull();
    // A third of the resamples are 5 five times.
    expect(bootstrapInterval([5, 5, 0, 5, 5], 1)).toBeNull();
  });
});

describe("Holm's correction", () => {
  it("agrees with R", () => {
    // p.adjust(p, "holm")
    expect(holm([0.01, 0.04, 0.03, 0.005])).toEqual([0.03, 0.06, 0.06, 0.02]);
    expect(holm([0.0001, 0.5, 0.02, 0.02, 0.9])).toEqual([0.0005, 1, 0.08, 0.08, 1]);
  });

  it("leaves comparisons without a p out of the count", () => {
    expect(holm([null, 0.04, null])).toEqual([null, 0.04, null]);
    expect(holm([])).toEqual([]);
  });
});

describe("comparePairs", () => {
  it("gives no interval and no p below the fewest pairs", () => {
    const few = comparePairs([1, 2, 3, 4]);
    expect(few).toEqual({ pairs: FEWEST_PAIRS - 1, mean: 2.5, interval: null, p: null });
    const enough = comparePairs([1, 2, 3, 4, 5]);
    expect(enough.p).toBe(0.0625);
    expect(enough.interval![0]).toBeLessThan(3);
    expect(enough.interval![1]).toBeGreaterThan(3);
  });
});
