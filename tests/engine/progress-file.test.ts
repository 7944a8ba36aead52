import { describe, expect, it } from "vitest";
import { experimentDigest } from "../../src/engine/progress-file.ts";
import { loadExperiment } from "../../src/experiment/load.ts";
import { experimentYaml } from "../../src/experiment/print.ts";
import { experimentFiles, SMALL } from "../experiment/experiment-files.ts";

const files = experimentFiles();
// A seed, so that its section stands last in one form and second in the other.
files.write("small.yaml", `${SMALL}seed: 4\n`);
const digest = (set: readonly string[] = []): string =>
  experimentDigest(loadExperiment("small.yaml", { folder: files.folder, set }).experiment);

describe("the digest of an experiment", () => {
  it("is that of its config.yaml, whose sections stand in another order", () => {
    const loaded = loadExperiment("small.yaml", { folder: files.folder });
    files.write("config.yaml", experimentYaml(loaded));
    const again = loadExperiment("config.yaml", { folder: files.folder });
    expect(Object.keys(again.experiment)).not.toEqual(Object.keys(loaded.experiment));
    expect(experimentDigest(again.experiment)).toBe(digest());
  });

  it("changes with all that decides the outcome, and not with the number of workers", () => {
    for (const set of ["seed=9", "training.epochs=9", "loss.scale=9", "network.duration=39 us"])
      expect(digest([set]), set).not.toBe(digest());
    expect(digest(["training.workers=2"])).toBe(digest());
  });
});
