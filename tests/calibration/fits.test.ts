import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { fitDecay } from "../../src/calibration/fits.ts";
import { stream } from "../../src/core/random.ts";

const PERIOD = 1.7;
const OPTIONS = { period: PERIOD, shortest: 0.75, longest: 48 };

function trace(samples: number, value: (time: number) => number): Float64Array {
  return Float64Array.from({ length: samples }, (_, k) => value(k * PERIOD));
}

describe("exponential fits", () => {
  it("recover τ, level and amplitude of clean decays of either sign", () => {
    fc.assert(
      fc.property(
        fc.double({ min: 1, max: 20, noNaN: true }),
        fc.double({ min: 20, max: 200, noNaN: true }),
        fc.double({ min: 5, max: 100, noNaN: true }),
        fc.boolean(),
        (tau, level, size, falling) => {
          const amplitude = falling ? size : -size;
          const values = trace(30, (t) => level + amplitude * Math.exp(-t / tau));
          const fit = fitDecay(values, new Float64Array(30).fill(1), 0, 30, OPTIONS);
          expect(Math.abs(fit.tau / tau - 1)).toBeLessThan(1e-3);
          expect(Math.abs(fit.level - level)).toBeLessThan(0.01 * size);
          expect(Math.abs(fit.amplitude - amplitude)).toBeLessThan(0.01 * size);
        },
      ),
    );
  });

  it("do not care about the phases over which a trace was averaged", () => {
    const tau = 6;
    const values = trace(20, (t) => {
      let sum = 0;
      for (let phase = 0; phase < 100; phase++) sum += Math.exp(-(t + (phase / 100) * PERIOD) / tau);
      return 80 + (50 * sum) / 100;
    });
    expect(fitDecay(values, new Float64Array(20).fill(1), 0, 20, OPTIONS).tau).toBeCloseTo(tau, 3);
  });

  it("err by about their standard error under noise", () => {
    const draws = stream(1, "noise");
    const errors = Array.from({ length: 300 }, () => {
      const values = trace(18, (t) => 125 - 70 * Math.exp(-t / 6) + 0.3 * draws.normal());
      return fitDecay(values, new Float64Array(18).fill(1), 0, 18, OPTIONS).tau / 6 - 1;
    });
    const deviation = Math.sqrt(errors.reduce((sum, error) => sum + error * error, 0) / errors.length);
    // Cramér–Rao for three parameters and these samples is 1.1 %; a third more for the outlier test.
    expect(deviation).toBeGreaterThan(0.005);
    expect(deviation).toBeLessThan(0.016);
  });

  it("leave a stray sample out", () => {
    const draws = stream(2, "noise");
    const values = trace(20, (t) => 80 + 60 * Math.exp(-t / 6) + 0.1 * draws.normal());
    values[9] = 200;
    expect(Math.abs(fitDecay(values, new Float64Array(20).fill(1), 0, 20, OPTIONS).tau / 6 - 1)).toBeLessThan(
      0.05,
    );
  });

  it("skip samples without reads, and use reads of the level from elsewhere", () => {
    const values = trace(12, (t) => 80 + 60 * Math.exp(-t / 20));
    const weight = new Float64Array(12).fill(1);
    values[3] = Number.NaN;
    weight[3] = 0;
    const fit = fitDecay(values, weight, 0, 12, { ...OPTIONS, rest: { value: 80, weight: 50 } });
    expect(fit.tau).toBeCloseTo(20, 2);
    const misled = fitDecay(values, weight, 0, 12, { ...OPTIONS, rest: { value: 95, weight: 1e4 } });
    expect(misled.tau).toBeLessThan(15);
  });

  it("say what they cannot see: nothing, too slow, too fast", () => {
    const weight = new Float64Array(20).fill(1);
    const draws = stream(3, "noise");
    const flat = trace(20, () => 117 + 0.2 * draws.normal());
    expect(fitDecay(flat, weight, 0, 20, OPTIONS).tau).toBeNaN();
    const silent = new Float64Array(20);
    expect(fitDecay(silent, new Float64Array(20), 0, 20, OPTIONS).tau).toBeNaN();
    const slow = trace(20, (t) => 80 + 60 * Math.exp(-t / 500));
    expect(fitDecay(slow, weight, 0, 20, { ...OPTIONS, rest: { value: 80, weight: 50 } }).tau).toBe(
      Number.POSITIVE_INFINITY,
    );
    const fast = trace(20, (t) => 80 + 60 * Math.exp(-t / 0.2));
    expect(fitDecay(fast, weight, 0, 20, OPTIONS).tau).toBe(0);
  });
});
