import { describe, expect, test } from "vitest";
import { loadExperiment } from "../../src/experiment/load.ts";
import { checkSizes } from "../../src/experiment/plausibility.ts";
import { experimentFiles, SMALL, userErrorOf } from "./experiment-files.ts";

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

files.write("e.yaml", SMALL);
const load = (...set: string[]) => loadExperiment("e.yaml", { set, folder: files.folder });

describe("what cannot be held is refused with its key, the amount and a value that works", () => {
  test("a network whose weights are too many", () => {
    const set = ["network.populations.readout.size=4096", "network.populations.hidden.size=4096"];
    const more = "network.projections.hidden>hidden={ init: { mean: 0, std: 0 } }";
    const error = userErrorOf(() => load(...set, more));
    expect(error.message).toMatch(/33574912 weights, 6\.00 GiB while training/);
    const works = /size: (\d+)/.exec(error.hint ?? "")?.[1];
    expect(
      load(set[0]!, `network.populations.hidden.size=${works}`, more).components.needs.weights,
    ).toBeGreaterThan(1e6);
  });

  test("workers that no machine here has room for", () => {
    const { experiment, components } = load("training.workers=200");
    const { problems } = checkSizes(experiment, 5, components.data, 8 * 2 ** 30);
    expect(problems.map(({ path }) => path)).toEqual([["training", "workers"]]);
    expect(problems[0]?.message).toMatch(/200 workers need 11\.\d GiB, this machine has 8\.00 GiB/);
    expect(problems[0]?.hint).toMatch(/^109 or fewer work here/);
  });

  test("samples longer than a chip runs, or than its recording", () => {
    expect(userErrorOf(() => load("chip={ kind: ideal }", "network.duration=60 s")).message).toMatch(
      /runs for at most/,
    );
    const recorded = userErrorOf(() => load("chip={ kind: ideal, cadc: dram }", "network.duration=20 s"));
    expect(recorded.message).toMatch(/recorded membranes of a sample need/);
  });

  test.each(["1e308 s", "1e-320 us", "2e12 us"])("a time of %s", (time) => {
    expect(userErrorOf(() => load(`network.duration=${time}`)).message).toMatch(
      /must be (0 or )?at (most|least)/,
    );
  });
});

test("an ordinary experiment needs little", () => {
  const { weights, weightBytes, dataBytes } = load().components.needs;
  expect(weights).toBe(5 * 10 + 10 * 3);
  expect(weightBytes + dataBytes).toBeLessThan(100_000);
});
