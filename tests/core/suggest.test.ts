import { expect, it } from "vitest";
import { suggest } from "../../src/core/suggest.ts";

it.each([
  ["epoch", ["epochs", "batch"], "epochs"],
  ["hiden>readout", ["input>hidden", "hidden>readout"], "hidden>readout"],
  ["Label", ["label", "x"], "label"],
  ["seed", ["epochs", "workers"], undefined],
  ["x", [], undefined],
])("%s among %j means %s", (word, candidates, expected) => {
  expect(suggest(word, candidates)).toBe(expected);
});
