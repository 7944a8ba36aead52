/** All cases of tests/reference/adversarial-cases.json, each in three layouts. The fast suite has one of each kind. */

import { expect, test } from "vitest";
import { LAYOUTS } from "../../src/gradcheck/reference/case-network.ts";
import { checkCase } from "../../src/gradcheck/reference/check-case.ts";
import { referenceCases } from "../reference/files.ts";

const CASES = referenceCases("adversarial-cases.json");

test("there are 151 cases", () => {
  expect(CASES).toHaveLength(151);
});

test.each(LAYOUTS)("all cases are met, populations %s", (layout) => {
  const results = CASES.map((one) => checkCase(one, layout));
  expect(results.flatMap(({ name, complaints }) => complaints.map((text) => `${name}: ${text}`))).toEqual([]);
  // Ties of an input with a spike and samples at a spike; nothing else may need the range of one unit.
  const illConditioned = results.filter((one) => one.illConditioned).map(({ name }) => name);
  expect(illConditioned.length).toBeLessThan(4);
});
