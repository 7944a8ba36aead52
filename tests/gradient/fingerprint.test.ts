/**
 * Gradients to the last bit: their fingerprints over 100 Yin-Yang samples on a network of 60 hidden neurons, and over
 * random networks of all shapes. A change of form leaves them as they are; a change of arithmetic says so in its
 * commit, and writes the new ones here. (What is right, and not only the same, is in tests/conformance.)
 */

import { createHash } from "node:crypto";
import { expect, it } from "vitest";
import { createEstimator, type EstimatorConfig } from "../../src/gradient/index.ts";
import { gradientOf, type Problem } from "../conformance/gradients.ts";
import { randomProblem, SHAPES } from "../conformance/random-problems.ts";
import { yinYangProblems } from "../conformance/yin-yang-problems.ts";

const random = Object.values(SHAPES).flatMap((shape) =>
  Array.from({ length: 8 }, (_, seed) => randomProblem(shape, seed)).filter((one) => one !== undefined),
);

function fingerprint(problems: readonly Problem[], config: EstimatorConfig): string {
  const hash = createHash("sha256");
  for (const problem of problems) {
    const gradient = gradientOf(problem, createEstimator(problem.network, config));
    hash.update(new Uint8Array(gradient.buffer));
  }
  return hash.digest("hex").slice(0, 16);
}

it.each([
  [{ kind: "eventprop", slopeFloor: 0.02 }, "1f7b6b7b90b57ddb", "c6c8bb276feded8b"],
  [
    { kind: "eventprop-grid", dt: 1, readout: "exact", slopeFloor: 0 },
    "6e53bb169c31edc9",
    "77569c260ae0d73c",
  ],
  [{ kind: "surrogate", dt: 1, steepness: 50, samplePeriod: 2 }, "ae23bda1009d0cf2", "971e03bb89d97a32"],
] as const)("%o", (config, yinYang, shapes) => {
  const found = [fingerprint(yinYangProblems(100), config), fingerprint(random, config)];
  expect(found).toEqual([yinYang, shapes]);
});
