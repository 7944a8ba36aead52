import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { UserError } from "../../src/core/errors.ts";
import { experimentOf, readSweep } from "../../src/sweep/read-sweep.ts";
import { planOf } from "../../src/sweep/sweep-folder.ts";
import { sweepFolderWith } from "./sweep-files.ts";

const read = (text: string) => readSweep(join(sweepFolderWith(text), "sweep.yaml"));

/** `line:column message` of each complaint. */
function complaints(text: string): string[] {
  try {
    read(text);
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    expect(error.exitCode).toBe(3);
    return [error, ...error.also].map(({ where, message }) => `${where?.line}:${where?.column} ${message}`);
  }
  throw new Error("nothing was wrong");
}

describe("points of a sweep", () => {
  const sweep = read(`
base: base.yaml
grid:
  estimator: [{ kind: eventprop }, { kind: surrogate }]
  chip.kind: [software, simulated]
seeds: [1, 5]
chips: 2
`);

  it("are all combinations, with chips where there are chips", () => {
    expect(sweep.name).toBe("sweep");
    expect(sweep.settings.map(({ label }) => label)).toEqual([
      "estimator=eventprop, chip=software",
      "estimator=eventprop, chip=simulated",
      "estimator=surrogate, chip=software",
      "estimator=surrogate, chip=simulated",
    ]);
    expect(sweep.points.slice(0, 6).map(({ chip, seed }) => [chip, seed])).toEqual([
      [null, 1],
      [null, 5],
      [1, 1],
      [1, 5],
      [2, 1],
      [2, 5],
    ]);
    expect(sweep.points.length).toBe(2 * (2 + 4));
  });

  it("run on a chip of their own where chips go with the seeds", () => {
    const { points } = read(`
base: base.yaml
grid: { chip.kind: [software, simulated] }
seeds: [1, 5]
chips: as-seeds
`);
    expect(points.map(({ chip, seed }) => [chip, seed])).toEqual([
      [null, 1],
      [null, 5],
      [1, 1],
      [5, 5],
    ]);
  });

  it("have folders of their own, and the experiment that these name", () => {
    expect(new Set(sweep.points.map(({ folder }) => folder)).size).toBe(12);
    expect(experimentOf(sweep.points[5]!)).toMatchObject({ seed: 5, chip: { kind: "simulated", seed: 2 } });
  });

  it("combine each entry of a list with the grid, under its name", () => {
    const { settings } = read(`
base: base.yaml
list:
  - { name: as published, estimator: { kind: eventprop-grid }, optimizer.learningRate: 1e-3 }
  - { optimizer.learningRate: 2e-3 }
grid: { training.batch: [20, 30] }
`);
    expect(settings.map(({ label }) => label)).toEqual([
      "as published, batch=20",
      "as published, batch=30",
      "learningRate=0.002, batch=20",
      "learningRate=0.002, batch=30",
    ]);
    expect(settings[0]!.experiment).toMatchObject({
      estimator: { kind: "eventprop-grid" },
      optimizer: { learningRate: 1e-3 },
      training: { batch: 20 },
    });
    expect(settings[0]!.axes).toEqual({ list: "as published", batch: "20" });
  });

  it("keep their index when the file changes", () => {
    const before = planOf(read("base: base.yaml\ngrid: { training.batch: [20, 30] }\nseeds: 2\n"));
    const after = planOf(read("base: base.yaml\ngrid: { training.batch: [10, 30] }\nseeds: 3\n"), before);
    expect(after.points.slice(0, 4).map(({ folder }) => folder)).toEqual(
      before.points.map(({ folder }) => folder),
    );
    expect(after.points.map(({ planned }) => planned)).toEqual([
      false,
      false,
      true,
      true,
      true,
      true,
      true,
      true,
    ]);
    expect(after.points.slice(4).map(({ setting, seed }) => [after.settings[setting]!.label, seed])).toEqual([
      ["batch=10", 1],
      ["batch=10", 2],
      ["batch=10", 3],
      ["batch=30", 3],
    ]);
  });
});

describe("mistakes in a sweep file", () => {
  it("are shown where the value stands, all settings together", () => {
    expect(
      complaints(`base: base.yaml
grid:
  estimator: [{ kind: eventprop }, { kind: surogate }]
  optimizer.learningRate: [1e-3, fast]
`),
    ).toEqual([
      "4:34 `optimizer.learningRate` must be a number, not `fast`",
      "3:44 `estimator.kind` cannot be `surogate`",
    ]);
  });

  it.each([
    ["grid: {}", "1:1 `base` is missing"],
    ["base: base.yaml\nsedes: 3", "2:1 unknown key `sedes`"],
    ["base: base.yaml\nseeds: 0", "2:8 `seeds` must be a number of seeds, or a list of them"],
    ["base: base.yaml\nseeds: []", "2:8 `seeds` is an empty list"],
    ["base: base.yaml\nchips: [1, 2, 1]", "2:15 1 appears twice in `chips`"],
    ["base: base.yaml\nchips: [1, -2]", "2:12 a seed must be a whole number from 0 to 4294967295"],
    ["base: base.yaml\ngrid: { seed: [1] }", "2:9 `seed` cannot be a path of the grid"],
    ["base: base.yaml\nlist: [{ chip.seed: 1 }]", "2:10 `chip.seed` cannot be set in `list`"],
    ["base: base.yaml\ngrid: { training.batch: [] }", "2:25 `grid.training.batch` needs at least 1 entry"],
    ["base: base.yaml\ngrid: { training.batch: [5, 5] }", "2:29 `training.batch` has the value 5 twice"],
    ["base: base.yaml\ngrid: { training.bach: [5] }", "2:18 unknown key `bach` in `training`"],
    ['base: base.yaml\ngrid: { "training[0]": [5] }', "2:18 `training` is not a list"],
    [
      "base: base.yaml\ngrid: { estimator: [{ kind: eventprop }, { kind: eventprop, slopeFloor: 0.1 }] }",
      "2:9 the settings `estimator=eventprop` and `estimator=eventprop(slopeFloor=0.1)` are the same experiment",
    ],
    ["base: nowhere.yaml", "1:7 "],
  ])("%j", (text, expected) => {
    expect(complaints(text)[0]).toContain(expected);
  });
});
