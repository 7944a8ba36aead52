import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { parseCsv } from "../../src/core/csv-text.ts";
import { UserError } from "../../src/core/errors.ts";
import { openDataset } from "../../src/data/index.ts";
import { openTable, type TableOptions } from "../../src/data/table.ts";

const folder = mkdtempSync(join(tmpdir(), "eventprop-table-"));
afterAll(() => rmSync(folder, { recursive: true }));

const options: TableOptions = {
  path: "flowers.csv",
  label: "label",
  header: true,
  missing: "refuse",
  stratify: false,
  scale: "min-max",
  validation: 0.2,
  test: 0.2,
  seed: 0,
};
const split = (text: string, changes: Partial<TableOptions> = {}) =>
  openTable(parseCsv(text, "flowers.csv"), { ...options, ...changes }).splits;

/** 50 rows: width = row, length = −row, class by halves. */
const flowers = `width,label,length\n${Array.from({ length: 50 }, (_, i) => `${i},${i < 25 ? "rose" : "iris"},${-i}`).join("\n")}\n`;

describe("table", () => {
  it("scales a column by the range that it is given, clips to it, and refuses one that is none", () => {
    const { train } = split(flowers, { ranges: { width: [0, 20] } });
    for (let sample = 0; sample < train.size; sample++)
      expect(train.features[2 * sample]).toBeLessThanOrEqual(1);
    expect([...train.features].filter((x, i) => i % 2 === 0 && x === 1).length).toBeGreaterThan(5);
    const wide = openTable(parseCsv(flowers, "flowers.csv"), { ...options, ranges: { width: [0, 200] } });
    expect(wide.more(parseCsv("width,length,label\n100,-1,rose\n", "m.csv")).features[0]).toBe(0.5);
    expect(() => split(flowers, { ranges: { widht: [0, 1] } })).toThrow(/no feature "widht"/);
    expect(() => split(flowers, { ranges: { width: [1, 0] } })).toThrow(/is no range/);
  });

  it("deals every row to one part, labels in alphabetical order", () => {
    const { train, validation, test } = split(flowers, { scale: "min-max" });
    expect([train.size, validation.size, test.size]).toEqual([30, 10, 10]);
    for (const part of [train, validation, test]) {
      expect([part.featureCount, part.classes]).toEqual([2, 2]);
      expect(part.classNames).toHaveLength(2);
      for (let sample = 0; sample < part.size; sample++) {
        const [width, length] = [part.features[2 * sample]!, part.features[2 * sample + 1]!];
        expect(width).toBeGreaterThanOrEqual(0);
        expect(width).toBeLessThanOrEqual(1);
        // length = −width before scaling, so 1 − width after it
        expect(length).toBeCloseTo(1 - width, 12);
      }
    }
    // irises are the wide half, and class 0
    const meanWidth = (label: number): number => {
      const widths = [...train.labels].flatMap((each, i) => (each === label ? [train.features[2 * i]!] : []));
      return widths.reduce((a, b) => a + b, 0) / widths.length;
    };
    expect(meanWidth(0)).toBeGreaterThan(meanWidth(1));
  });

  it("scales by the training rows alone", () => {
    const { train } = split(flowers);
    const widths = [...train.features].filter((_, i) => i % 2 === 0);
    expect([Math.min(...widths), Math.max(...widths)]).toEqual([0, 1]);
  });

  it("takes chosen features in the given order, and another label column", () => {
    const { train } = split("a,b,c\n0.1,0.2,x\n0.3,0.4,y\n", {
      label: "c",
      features: ["b", "a"],
      scale: "none",
      validation: 0,
      test: 0,
    });
    const rows = [0, 1].map((i) => [...train.features.subarray(2 * i, 2 * i + 2)]);
    expect(rows).toContainEqual([0.2, 0.1]);
    expect(rows).toContainEqual([0.4, 0.3]);
  });

  it("orders numeric labels by value", () => {
    const { train } = split("x,label\n0,10\n0.2,9\n", { scale: "none", validation: 0, test: 0 });
    const first = train.features[0] === 0 ? 0 : 1;
    expect(train.labels[first]).toBe(1);
  });

  it("splits by its seed alone", () => {
    expect(split(flowers)).toEqual(split(flowers));
    expect(split(flowers, { seed: 1 }).test.features).not.toEqual(split(flowers).test.features);
  });

  it.each([
    ["x,label\n1,a\ntwo,b\n", {}, 'row 3, column x: "two" is not a finite number'],
    ["x,label\n1,a\n,b\n", {}, "row 3, column x: is empty, a number is expected"],
    ["x,label\n1,a\n2,\n", {}, "row 3, column label: is empty, a class is expected"],
    ["x,label\n0,a\n1.5,b\n", { scale: "none" as const }, "row 3, column x: 1.5 is outside 0 … 1"],
    ["x,y\n1,2\n", {}, 'flowers.csv has no column "label" (option `label`)'],
    ["x,label\n1,a\n", { features: ["z"] }, 'flowers.csv has no column "z" (option `features`)'],
    ["x,label\n1,a\n2,a\n", {}, "flowers.csv: column label has fewer than 2 classes"],
    ["label\na\nb\n", {}, "flowers.csv has no column of features"],
    ["x,label\n1,a\n2,b\n", { validation: 0.5, test: 0.5 }, "flowers.csv: 2 rows leave none to train on"],
  ])("refuses %j with %j", (text, changes, message) => {
    expect(() => split(text, changes)).toThrow(message);
    expect(() => split(text, changes)).toThrow(UserError);
  });

  it("suggests the column that was meant", () => {
    const error = (() => {
      try {
        return split("x,lable\n1,a\n");
      } catch (thrown) {
        return thrown;
      }
    })();
    expect((error as UserError).hint).toBe('did you mean "lable"?');
  });

  it("is read from its file", () => {
    writeFileSync(join(folder, "flowers.csv"), flowers);
    const { train } = openDataset({ kind: "table", ...options, path: join(folder, "flowers.csv") });
    expect(train.size).toBe(30);
  });

  it("says why a file cannot be read", () => {
    writeFileSync(join(folder, "binary.csv"), Uint8Array.from([0x78, 0, 0xff]));
    const open = (path: string) => () => openDataset({ kind: "table", ...options, path: join(folder, path) });
    expect(open("nowhere.csv")).toThrow(/nowhere\.csv: there is no such file/);
    expect(open(".")).toThrow(/it is a folder, a file is expected/);
    expect(open("binary.csv")).toThrow(/is a binary file/);
  });
});
