/** The network of docs/coming-from.md is a complete experiment. */

import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { loadExperiment } from "../../src/experiment/load.ts";
import { experimentFiles } from "../experiment/experiment-files.ts";

const files = experimentFiles();

test("the file beside the other library's program is valid, and its comments name what exists", () => {
  const text = readFileSync(new URL("../../docs/coming-from.md", import.meta.url), "utf8");
  const yaml = /```yaml\n([\s\S]*?)```/.exec(text)?.[1];
  expect(yaml).toBeDefined();
  files.write("e.yaml", yaml!);
  const load = (set: readonly string[]) => loadExperiment("e.yaml", { set, folder: files.folder });
  expect(load([]).components.network.neurons).toBe(123);
  load(["chip.kind=software", "estimator={ kind: eventprop }"]);
});
