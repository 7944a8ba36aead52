import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { compareRuns, repeatedConditions } from "../../src/sweep/compare.ts";
import type { RunRow, RunTable } from "../../src/sweep/results.ts";
import { comparisonsCsv, resultsCsv, summaryCsv } from "../../src/sweep/tables.ts";

function row(setting: number, seed: number, chip: number | null, accuracy: number | null): RunRow {
  return {
    setting,
    seed,
    chip,
    state: accuracy === null ? "failed" : "done",
    outcome: accuracy === null ? "diverged" : "finished",
    metrics: { testAccuracy: accuracy, testLoss: null, validationAccuracy: null, validationLoss: null },
    epochs: 3,
    bestEpoch: null,
    spikesPerSample: null,
    silentNeurons: null,
    collapsed: false,
    programs: [],
    folder: `${setting}/${chip}/${seed}`,
  };
}

const setting = (axes: Readonly<Record<string, string>>) => ({
  label: Object.entries(axes)
    .map(([name, value]) => `${name}=${value}`)
    .join(", "),
  values: axes,
  axes,
});

const SEEDS = [1, 2, 3, 4, 5];

describe("summaries", () => {
  it("never mix seeds and chips in one spread", () => {
    // Chip 2 is better by 0.2; seeds differ by 0.01.
    const rows = [1, 2].flatMap((chip) =>
      SEEDS.map((seed) => row(0, seed, chip, 0.5 + 0.2 * (chip - 1) + 0.01 * seed)),
    );
    const { summaries } = compareRuns({ settings: [setting({})], rows }, "testAccuracy");
    expect(summaries.map(({ over, chip }) => [over, chip])).toEqual([
      ["seeds", 1],
      ["seeds", 2],
      ["chips", null],
    ]);
    const [first, second, chips] = summaries.map(({ summary }) => summary!);
    // Of 1 … 5 the standard deviation is √2.5.
    expect(first!.sd).toBeCloseTo(0.01 * Math.sqrt(2.5), 12);
    expect(second!.sd).toBeCloseTo(0.01 * Math.sqrt(2.5), 12);
    expect([first!.n, chips!.n]).toEqual([5, 2]);
    expect(chips!.mean).toBeCloseTo(0.63, 12);
    expect(chips!.sd).toBeCloseTo(0.2 / Math.sqrt(2), 12);
  });

  it("count what failed, and keep it out of the numbers", () => {
    const rows = [row(0, 1, null, 0.9), row(0, 2, null, null), { ...row(0, 3, null, 0.3), collapsed: true }];
    const { summaries } = compareRuns({ settings: [setting({})], rows }, "testAccuracy");
    expect(summaries).toMatchObject([
      { failed: 1, unfinished: 0, collapsed: 1, summary: { n: 2, mean: 0.6 } },
    ]);
    const none = compareRuns({ settings: [setting({})], rows: rows.slice(1, 2) }, "testAccuracy");
    expect(none.summaries[0]!.summary).toBeNull();
  });
});

describe("paired comparisons", () => {
  it("pair runs of the same seed and chip, and leave out pairs of which one is missing", () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.integer({ min: 0, max: 99 }), fc.integer({ min: 0, max: 99 })), {
          minLength: 1,
          maxLength: 8,
        }),
        (pairs) => {
          const settings = [setting({ estimator: "a" }), setting({ estimator: "b" })];
          const rows = pairs.flatMap(([a, b], seed) => [row(0, seed, 1, a / 100), row(1, seed, 1, b / 100)]);
          const alone = [row(0, 100, 1, 0.1), row(1, 1, 2, 0.9), row(0, 101, 1, null), row(1, 101, 1, 0.4)];
          const { comparisons } = compareRuns(
            { settings, rows: [...alone, ...rows].reverse() },
            "testAccuracy",
          );
          const differences = pairs.map(([a, b]) => (b - a) / 100);
          expect(comparisons.length).toBe(1);
          expect(comparisons[0]!.pairs).toBe(pairs.length);
          expect(comparisons[0]!.mean).toBeCloseTo(differences.reduce((x, y) => x + y) / pairs.length, 12);
        },
      ),
    );
  });

  it("do not depend on the order of the rows", () => {
    const settings = [setting({ estimator: "a" }), setting({ estimator: "b" })];
    const rows = SEEDS.flatMap((seed) => [
      row(0, seed, 1, 0.1 * seed),
      row(1, seed, 1, 0.5 + 0.01 * seed * seed),
    ]);
    const one = compareRuns({ settings, rows }, "testAccuracy");
    expect(compareRuns({ settings, rows: [...rows].reverse() }, "testAccuracy")).toEqual(one);
  });

  it("of a grid are along one axis at a time, corrected over all of them", () => {
    const settings = ["a", "b"].flatMap((estimator) =>
      ["x", "y"].map((chip) => setting({ estimator, chip })),
    );
    const rows = settings.flatMap((_, i) =>
      SEEDS.map((seed) => row(i, seed, null, 0.1 * i + 0.013 * seed * (i + 1))),
    );
    const { comparisons } = compareRuns({ settings, rows }, "testAccuracy");
    expect(comparisons.map(({ axis }) => [axis?.name, axis?.at])).toEqual([
      ["chip", "estimator=a"],
      ["estimator", "chip=x"],
      ["estimator", "chip=y"],
      ["chip", "estimator=b"],
    ]);
    // All five differences have one sign: p = 2 / 2^5, times four comparisons.
    for (const { p, holm } of comparisons) expect([p, holm]).toEqual([0.0625, 0.25]);
  });

  it("of a setting without chips and one with chips are by seed, over the chips' mean", () => {
    const settings = [setting({ chip: "software" }), setting({ chip: "simulated" })];
    const rows = SEEDS.flatMap((seed) => [
      row(0, seed, null, 0.9),
      row(1, seed, 1, 0.7),
      row(1, seed, 2, 0.8),
    ]);
    const { comparisons } = compareRuns({ settings, rows }, "testAccuracy");
    expect(comparisons).toMatchObject([{ pairedBy: "seed", pairs: 5 }]);
    expect(comparisons[0]!.mean).toBeCloseTo(-0.15, 12);
  });

  it("notice a run that is there twice", () => {
    const settings = [setting({})];
    const rows = [row(0, 1, 2, 0.5), row(0, 1, 2, 0.6), row(0, 1, 3, 0.6)];
    expect(repeatedConditions({ settings, rows }).length).toBe(1);
  });
});

describe("tables", () => {
  it("hold every number to its last digit, and quote what needs it", () => {
    const settings = [setting({ name: 'a "b", c' }), setting({ name: "d" })];
    const rows = SEEDS.flatMap((seed) => [
      row(0, seed, null, 0.1 + 0.2 * seed),
      row(1, seed, null, seed / 7),
    ]);
    const table: RunTable = { settings, rows };
    const comparison = compareRuns(table, "testAccuracy");
    const lines = resultsCsv(table).split("\n");
    expect(lines[0]).toMatch(/^setting,name,chip,seed,state,outcome,testAccuracy,/);
    expect(lines[1]).toMatch(/^"name=a ""b"", c","a ""b"", c",,1,done,finished,0.30000000000000004,,/);
    expect(summaryCsv(comparison)).toContain(`,${comparison.summaries[1]!.summary!.sd},`);
    expect(comparisonsCsv(comparison)).toContain(`,${comparison.comparisons[0]!.mean},`);
  });
});
