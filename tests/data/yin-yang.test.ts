import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { yinYangClass, yinYangSamples } from "../../src/data/yin-yang.ts";
import { referencePath } from "../reference/files.ts";

interface PublishedSplit {
  readonly numpySeed: number;
  readonly size: number;
  readonly classCounts: readonly number[];
  readonly sha256SamplesFloat64LE: string;
  readonly sha256LabelsUint8: string;
}

const published: Record<string, PublishedSplit> = JSON.parse(
  readFileSync(referencePath("yin-yang-dataset.json"), "utf8"),
).splits;

/** Little-endian doubles, whatever the machine. */
function littleEndian(values: Float64Array): Uint8Array {
  const bytes = new DataView(new ArrayBuffer(8 * values.length));
  values.forEach((value, i) => {
    bytes.setFloat64(8 * i, value, true);
  });
  return new Uint8Array(bytes.buffer);
}
const sha256 = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");

describe("published arrays", () => {
  it.each(["train", "validation", "test"])("%s is equal bit for bit", (split) => {
    const expected = published[split] as PublishedSplit;
    const samples = yinYangSamples(expected.size, expected.numpySeed);
    expect(sha256(littleEndian(samples.features))).toBe(expected.sha256SamplesFloat64LE);
    expect(sha256(samples.labels)).toBe(expected.sha256LabelsUint8);
    const counts = [0, 1, 2].map((label) => samples.labels.filter((each) => each === label).length);
    expect(counts).toEqual(expected.classCounts);
  });
});

describe("Yin-Yang samples", () => {
  // Single numbers of lkriener/yin_yang_data_set publication_data, known without the reference file.
  it.each([
    [42, [0.6803075385877797, 0.450499251969543, 0.3196924614122203, 0.549500748030457], 2],
    [41, [0.6805727261759029, 0.3209733938933629, 0.3194272738240971, 0.6790266061066371], 0],
    [40, [0.23409664559563403, 0.4017249751828972, 0.765903354404366, 0.5982750248171028], 2],
  ])("begin as published for seed %i", (seed, features, label) => {
    const samples = yinYangSamples(1, seed);
    expect([...samples.features]).toEqual(features);
    expect(samples.labels[0]).toBe(label);
  });

  it("lie in the disc, in the class of their label, and mirror x and y", () => {
    const { features, labels, size } = yinYangSamples(3000, 7);
    for (let sample = 0; sample < size; sample++) {
      const [x, y, mirrorX, mirrorY] = features.subarray(4 * sample, 4 * sample + 4) as unknown as number[];
      expect(Math.hypot(x! - 0.5, y! - 0.5)).toBeLessThanOrEqual(0.5 + 1e-15);
      expect(yinYangClass(x!, y!)).toBe(labels[sample]);
      expect([mirrorX, mirrorY]).toEqual([1 - x!, 1 - y!]);
    }
  });

  it("have balanced classes: each within 4 standard deviations of a third", () => {
    const size = 9000;
    const { labels } = yinYangSamples(size, 1);
    const deviation = Math.sqrt(size * (1 / 3) * (2 / 3));
    for (const label of [0, 1, 2]) {
      const count = labels.filter((each) => each === label).length;
      expect(Math.abs(count - size / 3)).toBeLessThan(4 * deviation);
    }
  });

  it("swap yin and yang under a half turn, and keep dots", () => {
    const { features, labels, size } = yinYangSamples(2000, 3);
    for (let sample = 0; sample < size; sample++) {
      const turned = yinYangClass(1 - features[4 * sample]!, 1 - features[4 * sample + 1]!);
      expect(turned).toBe([1, 0, 2][labels[sample]!]);
    }
  });
});
