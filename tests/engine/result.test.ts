import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { type RunResult, writeResult } from "../../src/engine/result.ts";
import { temporaryFolder } from "./temporary-folder.ts";

const folder = temporaryFolder();
const result: RunResult = {
  outcome: "finished",
  testAccuracy: 0.961,
  testLoss: 0.2,
  validationAccuracy: 0.95,
  epochs: 100,
  wallSeconds: 12.5,
  seeds: { run: 0, chip: 1 },
};

it("says ok only for a run that finished", () => {
  const read = () => JSON.parse(readFileSync(join(folder, "result.json"), "utf8"));
  writeResult(folder, result);
  expect(read()).toEqual({ ok: true, ...result });
  writeResult(folder, { ...result, outcome: "diverged", testAccuracy: null, message: "loss is NaN" });
  expect(read()).toMatchObject({ ok: false, testAccuracy: null, message: "loss is NaN" });
});
