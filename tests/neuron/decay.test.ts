import { describe, expect, test } from "vitest";
import { stream } from "../../src/core/random.ts";
import { decay } from "../../src/neuron/decay.ts";
import { exponential, fixed, relativeError } from "./fixed-point.ts";

describe("decay", () => {
  test("is within one unit in the last place of e^-x, judged to 200 bits", () => {
    const draw = stream(1, "decay");
    let worst = 0;
    for (let k = 0; k < 3000; k++) {
      const x = draw.uniform() * 10 ** (-6 + 7.8 * draw.uniform());
      worst = Math.max(worst, Math.abs(relativeError(decay(x), exponential(-fixed(x)))));
    }
    expect(worst).toBeLessThan(Number.EPSILON);
  });

  test("agrees with Math.exp up to where denormal numbers begin", () => {
    for (let x = 0; x < 708; x += 0.37) {
      expect(Math.abs(decay(x) / Math.exp(-x) - 1)).toBeLessThan(2 * Number.EPSILON);
    }
  });

  test("is exact at 0, zero far out, and passes NaN on", () => {
    expect(decay(0)).toBe(1);
    expect(decay(708)).toBe(0);
    expect(decay(Number.POSITIVE_INFINITY)).toBe(0);
    expect(decay(Number.NaN)).toBeNaN();
  });
});
