import { expect, test } from "vitest";
import { DEFAULT_TARGET } from "../../src/calibration/target.ts";
import { isTargetFile, loadTarget } from "../../src/experiment/target-file.ts";
import { experimentFiles, SMALL, userErrorOf } from "./experiment-files.ts";

const files = experimentFiles();
const load = (text: string, set: readonly string[] = []) => {
  files.write("target.yaml", text);
  return loadTarget("target.yaml", { folder: files.folder, set });
};

test("what is absent is the default target's", () => {
  expect(load("tauMem: 10 us\nthreshold: 140\n").target).toEqual({
    ...DEFAULT_TARGET,
    tauMem: 10,
    threshold: 140,
  });
});

test("a target is told from an experiment", () => {
  files.write("target.yaml", "leak: 90\n");
  files.write("experiment.yaml", SMALL);
  expect(isTargetFile("target.yaml", files.folder)).toBe(true);
  expect(isTargetFile("experiment.yaml", files.folder)).toBe(false);
});

test.each([
  ["tauMem: 10\n", 1, 9, /`tauMem` needs a unit/],
  ["leak: 80\nleek: 80\n", 2, 1, /unknown key `leek`/],
  ["leak: 300\n", 1, 7, /at most 220/],
  ["reset: 160\nthreshold: 150\n", 1, 8, /reset: 160 LSB is not below threshold/],
])("%j is refused at its place", (text, line, column, message) => {
  const error = userErrorOf(() => load(text));
  expect(error.message).toMatch(message);
  expect(error.where).toMatchObject({ file: "target.yaml", line, column });
});

test("a value outside the standard range is warned of, at the flag that sets it", () => {
  const { target, warnings } = load("leak: 80\n", ["tauMem=70us"]);
  expect(target.tauMem).toBe(70);
  expect(warnings).toHaveLength(1);
  expect(warnings[0]).toMatchObject({
    message: expect.stringContaining("tauMem: 70 us"),
    where: { file: "--set #1" },
  });
});
