import { describe, expect, it } from "vitest";
import { stream } from "../../src/core/random.ts";
import { createAverage, updateAverage } from "../../src/optimize/averaging.ts";

describe("weight average", () => {
  it("is the plain mean of the first steps", () => {
    const average = createAverage(2);
    for (const step of [1, 2, 6]) updateAverage(average, Float64Array.of(step, -step), 0.9);
    expect(average.mean[0]).toBeCloseTo(3, 12);
    expect(average.mean[1]).toBeCloseTo(-3, 12);
    expect(average.count).toBe(3);
  });

  it("forgets with its decay later on", () => {
    const average = createAverage(1);
    for (let step = 0; step < 10; step++) updateAverage(average, Float64Array.of(1), 0.5);
    updateAverage(average, Float64Array.of(3), 0.5);
    expect(average.mean[0]).toBeCloseTo(2, 12);
  });

  it("cancels noise", () => {
    const draws = stream(3, "test/average");
    const average = createAverage(1);
    let worst = 0;
    for (let step = 0; step < 4000; step++) {
      updateAverage(average, Float64Array.of(1 + draws.normal()), 0.99);
      // After the first thousand steps the deviation is √((1−d)/(1+d)) = 0.07.
      if (step > 1000) worst = Math.max(worst, Math.abs(average.mean[0]! - 1));
    }
    expect(worst).toBeLessThan(0.07 * 4);
  });
});
