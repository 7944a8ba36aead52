import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { checkRunFiles, type RunResult, readResult, writeResult } from "../../src/engine/result.ts";
import { temporaryFolder, userErrorOf } from "./temporary-folder.ts";

const folder = temporaryFolder();
const result: RunResult = {
  outcome: "finished",
  testAccuracy: 0.961,
  testLoss: 0.2,
  validationAccuracy: 0.95,
  bestEpoch: null,
  epochs: 100,
  wallSeconds: 12.5,
  seeds: { run: 0, chip: 1 },
  classes: ["yin", "yang"],
  warnings: [],
};

it("says ok only for a run that finished", () => {
  const read = () => JSON.parse(readFileSync(join(folder, "result.json"), "utf8"));
  writeResult(folder, result);
  expect(read()).toMatchObject({ ok: true, ...result });
  writeResult(folder, { ...result, outcome: "diverged", testAccuracy: null, message: "loss is NaN" });
  expect(read()).toMatchObject({ ok: false, testAccuracy: null, message: "loss is NaN" });
});

it("finds any one byte that was changed, in itself and in the files that are read again", () => {
  const run = join(folder, "run");
  mkdirSync(run);
  writeFileSync(join(run, "weights.json"), '{ "a>b": [[0.5]] }\n');
  writeFileSync(join(run, "calibration-2.json"), "{}");
  writeFileSync(join(run, "metrics.csv"), "epoch\n1\n");
  writeResult(run, result);
  const { files, metrics } = readResult(run)!;
  expect(Object.keys(files)).toEqual(["calibration-2.json", "weights.json"]);
  expect(metrics?.bytes).toBe(8);
  const names = ["weights.json", "calibration-2.json", "metrics.csv"];
  checkRunFiles(run, ...names);
  for (const name of [...names, "result.json"]) {
    const path = join(run, name);
    const good = readFileSync(path);
    for (let at = 0; at < good.length; at += 5) {
      const bad = Buffer.from(good);
      bad[at] = bad[at]! ^ 0x04;
      writeFileSync(path, bad);
      const { message, code } = userErrorOf(() => checkRunFiles(run, ...names));
      expect([code, message.startsWith(path)]).toEqual(["file", true]);
    }
    writeFileSync(path, good);
  }
  checkRunFiles(run, ...names);
  // A folder without a result has nothing to hold files against.
  checkRunFiles(`${folder}-none`, "weights.json");
});
