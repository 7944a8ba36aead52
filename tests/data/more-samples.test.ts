import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { type DatasetConfig, openDataset } from "../../src/data/index.ts";
import { moreSamples } from "../../src/data/more-samples.ts";

const folder = mkdtempSync(join(tmpdir(), "eventprop-more-samples-"));
afterAll(() => rmSync(folder, { recursive: true }));
let files = 0;
const file = (text: string): string => {
  const path = join(folder, `${files++}.csv`);
  writeFileSync(path, text);
  return path;
};

const YIN_YANG = openDataset({
  ...{ kind: "yin-yang", trainSize: 5, validationSize: 5, testSize: 5 },
  ...{ trainSeed: 42, validationSeed: 41, testSeed: 40 },
});

/** 20 rows: width 0 ... 19, of class 9 or 10. */
const flowers = `width,kind\n${Array.from({ length: 20 }, (_, i) => `${i},${i % 2 ? "10" : "9"}`).join("\n")}\n`;
const tableOf = (more: object = {}) =>
  openDataset({
    ...{
      kind: "table",
      path: file(flowers),
      label: "kind",
      header: true,
      missing: "refuse",
      scale: "min-max",
    },
    ...{ validation: 0, test: 0, stratify: false, seed: 0, ...more },
  } as DatasetConfig);
const spikes = `sample,source,time_us,label\n${Array.from({ length: 8 }, (_, i) => `${i},${i % 3},${i},${i % 2 ? "a" : "b"}`).join("\n")}\n`;
const RECORDED = openDataset({
  ...{ kind: "events-csv", path: file(spikes), validation: 0, test: 0, stratify: true, seed: 0 },
});

describe("further samples", () => {
  it("of a generated data set: label and features, classes by their names", () => {
    const data = moreSamples(YIN_YANG, file("label,x,y,u,v\ndot,0,1,0.25,0.5\nyang,0.1,0.2,0.3,0.4\n"));
    expect(data).toMatchObject({ size: 2, classes: 3, featureCount: 4, classNames: ["yang", "yin", "dot"] });
    expect([...data.labels]).toEqual([2, 0]);
    expect([...(data as { features: Float64Array }).features.subarray(0, 4)]).toEqual([0, 1, 0.25, 0.5]);
  });

  it("of a table: scaled and clipped as the rows that were trained on, with their classes", () => {
    // One class only, the number 10 written in another way.
    const data = moreSamples(tableOf(), file("kind,width\n10.0,9.5\n10,38\n10,-3\n"));
    expect([...data.labels]).toEqual([1, 1, 1]);
    expect([...(data as { features: Float64Array }).features]).toEqual([0.5, 1, 0]);
  });

  it("of recorded spikes", () => {
    const data = moreSamples(RECORDED, file("sample,source,time_us,label\n4,1,3,a\n4,0,2,a\n2,0,1,b\n"));
    expect(data).toMatchObject({ size: 2, channels: 3, classNames: ["a", "b"] });
    expect([...data.labels]).toEqual([1, 0]);
    const { offset, time, source } = data as { offset: Int32Array; time: Float64Array; source: Int32Array };
    expect([[...offset], [...time], [...source]]).toEqual([
      [0, 1, 3],
      [1, 2, 3],
      [0, 0, 1],
    ]);
  });

  it.each([
    [YIN_YANG, "x,y,u,v\n0,0,0,0\n", 'has no column "label"'],
    [YIN_YANG, "label,x,y\ndot,0,0\n", 'has 2 columns beside "label"'],
    [YIN_YANG, "label,x,y,u,v\n", "has no rows"],
    [YIN_YANG, "label,x,y,u,v\ndot,0,0,0,1.5\n", "row 2, column v: 1.5 is outside 0 … 1"],
    [YIN_YANG, "label,x,y,u,v\nblob,0,0,0,0\n", 'row 2, column label: "blob" is not a class'],
    [tableOf(), "width\n1\n", 'has no column "kind"'],
    [tableOf(), "width,kind\n1,11\n", 'row 2, column kind: "11" is not a class'],
    [tableOf(), "width,kind\n1,\n", 'row 2, column kind: "" is not a class'],
    [RECORDED, "sample,source,time_us,label\n0,3,1,a\n", "has spikes of source 3"],
    [RECORDED, "sample,source,time_us,label\n0,1,1,c\n", '"c" is not a class'],
  ])("%# are refused with their place when they do not fit", (data, text, message) => {
    expect(() => moreSamples(data, file(text))).toThrow(message);
  });
});
