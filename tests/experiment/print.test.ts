import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { loadExperiment } from "../../src/experiment/load.ts";
import { experimentYaml } from "../../src/experiment/print.ts";
import { experimentFiles, hasItsData, SMALL, shippedExperiments } from "./experiment-files.ts";

const files = experimentFiles();
const shipped = fileURLToPath(new URL("../../experiments/", import.meta.url));

describe("the printed experiment", () => {
  test.each(shippedExperiments().filter(hasItsData))("of %s loads to the same experiment", (name) => {
    const first = loadExperiment(shipped + name, { set: ["training.epochs=2"], seed: 5 });
    files.write("printed.yaml", experimentYaml(first));
    const second = loadExperiment("printed.yaml", { folder: files.folder });
    expect(second.experiment).toEqual(first.experiment);
    expect(experimentYaml(second)).toBe(experimentYaml(first));
  });

  test("keeps units and starts with the name", () => {
    files.write("e.yaml", SMALL);
    const text = experimentYaml(loadExperiment("e.yaml", { folder: files.folder }));
    expect(text).toMatch(/^name: small\nseed: 1\n/);
    expect(text).toContain("duration: 38 us");
    expect(parse(text)).toMatchObject({ network: { populations: { hidden: { tauMem: "6 us" } } } });
  });

  test("says where each value comes from", () => {
    files.write("base.yaml", SMALL);
    files.write("e.yaml", "extends: base.yaml\nregularizers:\n  - { kind: rate }\ntraining: { epochs: 4 }\n");
    const loaded = loadExperiment("e.yaml", { folder: files.folder, set: ["training.batch=4"] });
    const lines = experimentYaml(loaded, { origins: true }).split("\n");
    const line = (start: string) => lines.find((text) => text.trimStart().startsWith(start));
    expect(line("epochs:")).toBe("  epochs: 4 # e.yaml:4");
    expect(line("batch:")).toBe("  batch: 4 # --set #1");
    expect(line("evaluateEvery:")).toBe("  evaluateEvery: 1 # default");
    expect(line("duration:")).toMatch(/ {2}duration: 38 us # .*base\.yaml:5$/);
    expect(line("- kind: rate")).toMatch(/# e\.yaml:3$/);
  });
});
