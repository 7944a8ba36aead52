import { describe, expect, test } from "vitest";
import { loadExperiment } from "../../src/experiment/load.ts";
import { checkSizes } from "../../src/experiment/sizes.ts";
import { experimentFiles, SMALL, userErrorOf } from "./experiment-files.ts";

const files = experimentFiles();
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
