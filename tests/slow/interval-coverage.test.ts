/** How often the 95 % interval of a mean holds the true mean, on simulated differences. */

import { expect, it } from "vitest";
import { type Stream, stream } from "../../src/core/random.ts";
import { bootstrapInterval } from "../../src/statistics/paired.ts";

const TRIALS = 600;

/** Skewed as differences of accuracies near the ceiling are: mean 0. */
const exponential = (draws: Stream): number => -Math.log(1 - draws.uniform()) - 1;
const normal = (draws: Stream): number => draws.normal();

// With 600 trials the standard error of a coverage of 0.95 is 0.009.
it.each([
  ["normal", 5, normal, 0.92, 0.98],
  ["normal", 10, normal, 0.92, 0.98],
  ["normal", 20, normal, 0.92, 0.98],
  ["exponential", 5, exponential, 0.89, 0.97],
  ["exponential", 10, exponential, 0.9, 0.97],
  ["exponential", 20, exponential, 0.91, 0.98],
] as const)("of %s differences, %i pairs", (name, pairs, draw, least, most) => {
  let covered = 0;
  for (let trial = 0; trial < TRIALS; trial++) {
    const draws = stream(trial, `coverage/${name}`, pairs);
    const values = Array.from({ length: pairs }, () => draw(draws));
    const [low, high] = bootstrapInterval(values, trial)!;
    if (low <= 0 && 0 <= high) covered++;
  }
  expect(covered / TRIALS).toBeGreaterThanOrEqual(least);
  expect(covered / TRIALS).toBeLessThanOrEqual(most);
});
