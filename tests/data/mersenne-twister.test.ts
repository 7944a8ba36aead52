import { expect, it } from "vitest";
import { mersenneTwister } from "../../src/data/mersenne-twister.ts";

it("gives the words that the C++ standard demands of mt19937", () => {
  // ISO C++ [rand.predef]: the 10000th word of a default-seeded (5489) mt19937 is 4123659995.
  const draws = mersenneTwister(5489);
  const words = Array.from({ length: 10000 }, () => draws.word());
  expect(words[0]).toBe(3499211612);
  expect(words[9999]).toBe(4123659995);
});

it("gives numpy's RandomState(42).rand()", () => {
  // Confirmed with CPython's own MT19937, its state set by init_genrand(42).
  const draws = mersenneTwister(42);
  expect([draws.uniform(), draws.uniform()]).toEqual([0.3745401188473625, 0.9507143064099162]);
});
