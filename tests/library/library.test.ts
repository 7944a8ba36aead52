import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import * as library from "../../src/index.ts";

const { buildNetwork, loadExperiment, runExperiment, simulate } = library;

const root = fileURLToPath(new URL("../..", import.meta.url));
const page = readFileSync(new URL("../../docs/library.md", import.meta.url), "utf8");

describe("the library", () => {
  test("the example of docs/library.md prints what the page says", () => {
    const example = /<!-- example -->\n```js\n(.*?)```/s.exec(page)?.[1];
    const printed = /It prints\n\n```\n(.*?)```/s.exec(page)?.[1];
    const { stdout, stderr } = spawnSync(process.execPath, ["--input-type=module"], {
      cwd: root,
      input: example ?? "",
      encoding: "utf8",
    });
    expect(stderr).toBe("");
    expect(stdout).toBe(printed);
  });

  test("the page names every function, and there are no others", () => {
    for (const name of Object.keys(library)) expect(page).toContain(`\`${name}\``);
    expect(Object.keys(library).length).toBe(12);
  });

  test("what the package offers besides its door cannot be imported", () => {
    const { stderr } = spawnSync(
      process.execPath,
      ["--input-type=module", "-e", 'import "eventprop/dist/engine/train.js"'],
      {
        cwd: root,
        encoding: "utf8",
      },
    );
    expect(stderr).toContain("ERR_PACKAGE_PATH_NOT_EXPORTED");
  });

  test("simulate refuses weights of another network", () => {
    const network = buildNetwork(1, [], [], 38);
    expect(() => simulate(network, new Float64Array(3), { time: [], source: [] })).toThrow(RangeError);
  });

  test("runExperiment gives observations of their own, equal to those of simulate in software", async () => {
    const loaded = loadExperiment(`${root}/experiments/smoke.yaml`, { set: ["chip.kind=software"] });
    const { network } = loaded.components;
    const weights = library.initialWeights(loaded.experiment, network);
    const samples = [3, 4].map((time) => ({ time: [time, time + 1, time + 2], source: [0, 1, 2] }));
    const observed = await runExperiment(loaded, weights, samples);
    expect(observed.length).toBe(2);
    for (const [i, { spikes }] of observed.entries()) {
      const alone = simulate(network, weights, samples[i]!);
      expect(spikes.count).toBe(alone.spikes.count);
      expect([...spikes.time]).toEqual([...alone.spikes.time.subarray(0, alone.spikes.count)]);
    }
    expect(observed[0]?.spikes.count).toBeGreaterThan(0);
  });
});
