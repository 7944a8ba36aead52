import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Ajv } from "ajv";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { UserError } from "../../src/core/errors.ts";
import { readSweep } from "../../src/sweep/read-sweep.ts";
import { sweepSchemaText } from "../../src/sweep/schema.ts";
import { halvingRungs } from "../../src/sweep/search/schema.ts";
import { sweepFolderWith } from "./sweep-files.ts";

const root = new URL("../../", import.meta.url);

/** @param epochs of the base, whose schedule is constant */
function read(text: string, epochs = 9) {
  const base = "extends: base.yaml\nname: tiny\nschedule: { kind: constant }\n";
  const folder = sweepFolderWith(text, epochs, { "constant.yaml": base });
  return readSweep(join(folder, "sweep.yaml"));
}

const search = (more: string, ranges: string) =>
  `base: constant.yaml\nsearch: { ${more}, ranges: { ${ranges} } }\n`;
const RATE = "optimizer.learningRate: { range: [1.0e-4, 1.0e-2], scale: log }";
const BATCH = "training.batch: { range: [10, 20], scale: int }";

describe("a search", () => {
  it("draws points within their ranges, the same ones each time, and the same first ones when there are more", () => {
    const few = read(search("kind: random, points: 4", `${RATE}, ${BATCH}`));
    const more = read(search("kind: random, points: 7", `${RATE}, ${BATCH}`));
    const drawn = ({ settings }: typeof few) =>
      settings.map(
        ({ experiment: { optimizer, training } }) => [optimizer.learningRate, training.batch] as const,
      );
    expect(drawn(more).slice(0, 4)).toEqual(drawn(few));
    const other = read(search("kind: random, points: 4, seed: 2", `${RATE}, ${BATCH}`));
    expect(drawn(other)).not.toEqual(drawn(few));
    for (const [rate, batch] of drawn(more)) {
      expect(rate).toBeGreaterThanOrEqual(1e-4);
      expect(rate).toBeLessThanOrEqual(1e-2);
      expect(String(rate).replace(/e.*|^0\.0*|\./g, "").length).toBeLessThanOrEqual(3);
      expect([10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20]).toContain(batch);
    }
  });

  it("leaves the test samples alone, and is judged on the validation samples", () => {
    const { settings, metric } = read(search("kind: random, points: 2", RATE));
    expect(metric).toBe("validationAccuracy");
    for (const { experiment } of settings) expect(experiment.training.evaluateTest).toBe(false);
  });

  it("draws from choices and times with their unit", () => {
    const ranges = "estimator: { choices: [{ kind: eventprop }, { kind: surrogate }] }";
    const { settings } = read(search("kind: random, points: 2", ranges));
    expect(settings.map(({ label }) => label).sort()).toEqual(["estimator=eventprop", "estimator=surrogate"]);
    const late = "encoding: { choices: [{ kind: latency, late: 20 us }, { kind: latency, late: 21 us }] }";
    expect(read(search("kind: random, points: 2", late)).settings.length).toBe(2);
    const times = "encoding.late: { range: [20, 24], unit: us }";
    for (const { values } of read(search("kind: random, points: 3", times)).settings)
      expect(values["encoding.late"]).toMatch(/^2[0-4](\.\d)? us$/);
  });

  it("halves in rungs that end with the whole training", () => {
    expect(halvingRungs(27, 45, 5, 3)).toEqual([
      { points: 27, epochs: 5 },
      { points: 9, epochs: 15 },
      { points: 3, epochs: 45 },
    ]);
    // 4 · 2 · 2 is more than 10: the last rung is the whole training.
    expect(halvingRungs(5, 10, 4, 2).map(({ points, epochs }) => [points, epochs])).toEqual([
      [5, 4],
      [3, 8],
      [2, 10],
    ]);
  });

  it.each([
    [search("kind: random, points: 2", "seed: { range: [1, 2] }"), "2:46 `seed` cannot be searched"],
    [
      search("kind: random, points: 2", "training.batch: { range: [20, 10] }"),
      "2:71 the first value of a range is the smaller one",
    ],
    [
      search("kind: random, points: 2", "training.batch: { range: [0, 10], scale: log }"),
      "2:71 a logarithmic range begins above 0",
    ],
    [
      search("kind: random, points: 2", "training.batch: { scale: log }"),
      "2:46 `training.batch` needs either `range` or `choices`",
    ],
    [
      search("kind: random, points: 3", "estimator: { choices: [{ kind: eventprop }, { kind: surrogate }] }"),
      "2:33 the ranges have only 2 different points, not 3",
    ],
    [
      `${search("kind: random, points: 2", RATE)}grid: { training.batch: [5] }\n`,
      "3:1 `grid` and `search` exclude each other",
    ],
    [
      `${search("kind: random, points: 2", RATE)}metric: testLoss\n`,
      "3:9 a search is judged on the validation samples",
    ],
    [
      search("kind: halving, points: 4, firstEpochs: 9", RATE),
      "2:50 the first rung has 9 epochs, the whole training only 9",
    ],
    [
      search("kind: halving, points: 4", RATE).replace("constant.yaml", "base.yaml"),
      "2:17 successive halving makes trainings longer",
    ],
    [search("kind: guess", RATE), "2:17 `search.kind` cannot be `guess`"],
  ])("%j", (text, expected) => {
    let error: unknown;
    try {
      read(text);
    } catch (caught) {
      error = caught;
    }
    expect(error).toBeInstanceOf(UserError);
    const { where, message } = error as UserError;
    expect(`${where?.line}:${where?.column} ${message}`).toContain(expected);
  });
});

describe("the published schema of sweeps", () => {
  it("is fresh, and takes the shipped sweep and a search", () => {
    const text = readFileSync(new URL("schema/sweep.schema.json", root), "utf8");
    expect(text, "npm run schema").toBe(sweepSchemaText());
    const validate = new Ajv({ strict: false }).compile(JSON.parse(text));
    expect(validate(parse(readFileSync(new URL("experiments/paper-table.yaml", root), "utf8")))).toBe(true);
    expect(validate(parse(search("kind: halving", RATE)))).toBe(true);
    expect(validate(parse("base: x.yaml\nsedes: 3"))).toBe(false);
  });
});
