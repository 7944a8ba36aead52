import { expect, test } from "vitest";
import { defaultConfig } from "../../../src/chip/default-config.ts";
import { createCapmem } from "../../../src/chip/simulated/capmem.ts";

function distinctLeak(): ReturnType<typeof defaultConfig>["neurons"] {
  const { neurons } = defaultConfig();
  for (let n = 0; n < 512; n++) neurons.leak[n] = 400 + (n % 256);
  return neurons;
}

test("a cell holds its code with an error of the given spread that belongs to cell and code", () => {
  const capmem = createCapmem(3, 0.5, 0);
  const words = distinctLeak();
  capmem.write(words);
  const errors = Array.from({ length: 512 }, (_, n) => capmem.code("leak", n) - words.leak[n]!);
  const sd = Math.sqrt(errors.reduce((sum, e) => sum + e * e, 0) / 512);
  expect(Math.abs(sd / 0.5 - 1)).toBeLessThan(4 / Math.sqrt(2 * 512));
  const first = capmem.code("leak", 0);
  words.leak[0] = 401;
  expect(capmem.code("leak", 0) - 401).not.toBeCloseTo(first - 400, 6);
  words.leak[0] = 400;
  expect(capmem.code("leak", 0)).toBe(first);
});

test("crosstalk: only where more than 64 cells of a block hold one code, within its bound", () => {
  const capmem = createCapmem(3, 0, 3);
  const words = distinctLeak();
  for (let n = 0; n < 128; n++) words.leak[n] = n < 65 ? 629 : 300 + n;
  capmem.write(words);
  const errors = Array.from({ length: 512 }, (_, n) => Math.abs(capmem.code("leak", n) - words.leak[n]!));
  expect(Math.max(...errors.slice(65))).toBe(0);
  expect(Math.max(...errors.slice(0, 65))).toBeGreaterThan(2);
  expect(Math.max(...errors.slice(0, 65))).toBeLessThanOrEqual(3);
  words.leak[0] = 300;
  capmem.write(words);
  expect(capmem.code("leak", 1)).toBe(629);
});

test("codes stay at or above 0; no error without magnitudes", () => {
  const { neurons } = defaultConfig();
  neurons.leak.fill(0);
  const noisy = createCapmem(1, 0.5, 3);
  noisy.write(neurons);
  const exact = createCapmem(1, 0, 0);
  exact.write(neurons);
  for (let n = 0; n < 512; n++) {
    expect(noisy.code("leak", n)).toBeGreaterThanOrEqual(0);
    expect(exact.code("threshold", n)).toBe(389);
  }
});
