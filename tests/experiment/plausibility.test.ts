import { describe, expect, test } from "vitest";
import { loadExperiment } from "../../src/experiment/load.ts";
import { experimentFiles, SMALL } from "./experiment-files.ts";

const files = experimentFiles();
files.write("small.yaml", SMALL);
files.write("few.csv", "x,label\n0.1,a\n0.4,b\n0.5,a\n0.9,b\n0.3,a\n0.7,c\n");

function warnings(...set: readonly string[]) {
  return loadExperiment("small.yaml", { folder: files.folder, set }).warnings;
}

describe("values that cannot do what they were written for", () => {
  test("a small experiment has none", () => {
    expect(warnings()).toEqual([]);
  });

  test.each([
    ["training.batch=30", "batches of 30 from 20 training samples"],
    ["schedule={kind: cosine, warmup: 3}", "the warm-up of 3 epochs does not end within the training of 3"],
    ["schedule={kind: step, every: 10}", "would drop after 10 epochs, the training ends after 3"],
    ["training.averaging.startEpoch=3", "the averaging begins after epoch 3, the training ends after 3"],
    ["encoding.late=1 us", "`late` (1 us) is not after `early` (2 us)"],
    ["network.populations.readout.size=10", "`readout` has 10 neurons for 3 classes"],
    ["data.testSize=3", "no test sample has the class"],
  ])("%s", (set, message) => {
    const found = warnings(set);
    expect(found).toHaveLength(1);
    expect(found[0]!.message).toContain(message);
    expect(found[0]!.where.line).toBeGreaterThan(0);
  });

  test("a split without samples, and a class without samples in another", () => {
    const found = warnings("training.batch=2", "data={kind: table, path: few.csv, validation: 0, test: 0.5}");
    expect(found[0]!.message).toContain("there are no validation samples");
    expect(found.slice(1).every(({ message }) => /no (train|test) sample has the class/.test(message))).toBe(
      true,
    );
  });
});
