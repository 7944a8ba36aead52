/**
 * What a training run makes once, whatever its number of threads: counted in the built program by the coverage counters
 * of V8, which see the main thread and the workers alike.
 */

import { mkdirSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { eventprop } from "../cli/program.ts";
import { tinyRun } from "../cli/tiny-runs.ts";
import { temporaryFolder } from "../engine/temporary-folder.ts";

const cwd = temporaryFolder();

interface Coverage {
  readonly result: readonly {
    readonly url: string;
    readonly functions: readonly {
      readonly functionName: string;
      readonly ranges: readonly { readonly count: number }[];
    }[];
  }[];
}

/** Calls of the named functions of this package in a training run, summed over its threads. */
function callsOf(kind: "ideal" | "simulated", threads: number, names: readonly string[]): number[] {
  const counters = join(cwd, `${kind}-${threads}-counters`);
  mkdirSync(counters);
  const args = tinyRun(kind, 1, "--set", `training.workers=${threads}`, "--out", `${kind}-${threads}`);
  const { code, stderr } = eventprop(args, { cwd, env: { NODE_V8_COVERAGE: counters } });
  expect(code, stderr).toBe(0);
  const files = readdirSync(counters);
  expect(files).toHaveLength(threads);
  const calls = new Map(names.map((name) => [name, 0]));
  for (const file of files) {
    const { result } = JSON.parse(readFileSync(join(counters, file), "utf8")) as Coverage;
    for (const { functions } of result.filter(({ url }) => url.includes("/dist/")))
      for (const { functionName, ranges } of functions)
        if (calls.has(functionName)) calls.set(functionName, calls.get(functionName)! + ranges[0]!.count);
  }
  return [...calls.values()];
}

// An estimator for each thread, and one for what is observed after the training (observed.json).
const NAMES = ["openDataset", "encodeSplit", "placeInRuns", "createEstimator"] as const;

// On the ideal chip no circuit is left out, so the place that the check of the experiment found is the place of the run.
test.each([1, 3])("a run on the ideal chip with %i threads", (threads) => {
  expect(callsOf("ideal", threads, NAMES)).toEqual([1, 3, 1, threads + 1]);
});

// Circuits whose calibration failed are left out: known only after the check that the network fits at all.
test("a run on a simulated chip with 3 threads places its network before and after it is calibrated", () => {
  expect(callsOf("simulated", 3, NAMES)).toEqual([1, 3, 2, 4]);
});
