import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, describe, expect, it } from "vitest";
import { UserError } from "../../src/core/errors.ts";
import {
  createEncoder,
  DATASETS,
  type DatasetConfig,
  ENCODERS,
  type EncoderConfig,
  openDataset,
} from "../../src/data/index.ts";
import { type DatasetSplits, isEventData, SPLITS } from "../../src/data/types.ts";
import { npyBytes, zipBytes } from "../data/npy-bytes.ts";
import { withDefaults } from "./defaults.ts";

const folder = mkdtempSync(join(tmpdir(), "eventprop-data-"));
afterAll(() => rmSync(folder, { recursive: true }));
const write = (name: string, content: string | Uint8Array): string => {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
};

const SAMPLES = 30;
const rows = Array.from({ length: SAMPLES }, (_, i) => [i / SAMPLES, 1 - i / SAMPLES, (7 * i) % 5, i % 3]);
const idxFile = (values: readonly number[], shape: readonly number[]): Uint8Array => {
  const header = Buffer.alloc(4 + 4 * shape.length);
  header.set([0, 0, 8, shape.length]);
  for (const [i, size] of shape.entries()) header.writeUInt32BE(size, 4 + 4 * i);
  return Buffer.concat([header, Uint8Array.from(values)]);
};
mkdirSync(join(folder, "images"));
for (const part of ["train", "t10k"]) {
  const pixels = rows.flatMap(([x, y]) => [255 * x!, 255 * y!, 0, 255].map(Math.round));
  write(`images/${part}-images-idx3-ubyte.gz`, gzipSync(idxFile(pixels, [SAMPLES, 2, 2])));
  write(
    `images/${part}-labels-idx1-ubyte`,
    idxFile(
      rows.map((row) => row[3]!),
      [SAMPLES],
    ),
  );
}
/** What data sets are tried with where they read a file or would be large; the others with their defaults. */
const DATA: Readonly<Partial<Record<DatasetConfig["kind"], object>>> = {
  "yin-yang": { trainSize: 20, validationSize: 10, testSize: 10 },
  "temporal-order": { trainSize: 12, validationSize: 6, testSize: 6 },
  table: { path: write("t.csv", `x,y,z,label\n${rows.map((row) => row.join(",")).join("\n")}\n`) },
  "events-csv": {
    path: write(
      "e.csv",
      `sample,source,time_us,label\n${rows.map((row, i) => `${i},2,${30 - i},${row[3]}\n${i},0,${i},${row[3]}`).join("\n")}\n`,
    ),
  },
  "events-hdf5": { path: join(import.meta.dirname, "../data/shd-layout.h5") },
  idx: { path: join(folder, "images") },
  npz: {
    path: write(
      "a.npz",
      zipBytes({
        "features.npy": npyBytes(
          rows.flatMap((row) => row.slice(0, 3)),
          [SAMPLES, 3],
        ),
        "labels.npy": npyBytes(
          rows.map((row) => row[3]!),
          [SAMPLES],
        ),
      }),
    ),
  },
};
const CODES: Readonly<Partial<Record<EncoderConfig["kind"], object>>> = {
  latency: { bias: 3, spikes: 2 },
  population: { bias: 3 },
  rate: { rate: 0.1 },
};
const open = (member: (typeof DATASETS)[number]): DatasetSplits =>
  openDataset(withDefaults(member, DATA[member.kind]));

describe.each(DATASETS.map((member) => [member.kind, member] as const))("data set %s", (_, member) => {
  const data = open(member);

  it("has parts of one shape, labels of known classes, and something to train on", () => {
    expect(data.train.size).toBeGreaterThan(0);
    for (const split of SPLITS) {
      const part = data[split];
      expect(part.classNames).toEqual(data.train.classNames);
      expect(part.classNames).toHaveLength(part.classes);
      expect(part.labels).toHaveLength(part.size);
      expect(part.labels.every((label) => label < part.classes)).toBe(true);
      if (isEventData(part)) {
        expect(part.offset[part.size]).toBe(part.time.length);
        expect(part.source.every((source) => source < part.channels)).toBe(true);
      } else {
        expect(part.features).toHaveLength(part.size * part.featureCount);
        expect(part.features.every((x) => x >= 0 && x <= 1)).toBe(true);
      }
    }
  });

  it("is the same every time", () => {
    const again = open(member);
    for (const split of SPLITS) expect(again[split]).toEqual(data[split]);
  });
});

describe.each(ENCODERS.map((member) => [member.kind, member] as const))("encoder %s", (kind, member) => {
  const config: EncoderConfig = withDefaults(member, CODES[member.kind]);
  const forEvents = kind === "events";
  // The shipped digits are many; every other kind is small here.
  const all = DATASETS.filter(({ kind: name }) => name !== "digits").map(open);
  const fitting = all.filter((data) => isEventData(data.train) === forEvents);

  it("makes ascending spikes of its sources within its bounds, the same every time", () => {
    expect(fitting.length).toBeGreaterThan(0);
    for (const data of fitting) {
      const encoder = createEncoder(config, data);
      for (const split of SPLITS) {
        const { samples, offset, time, source } = encoder.encode(data[split]);
        expect(samples).toBe(data[split].size);
        let wrong = 0;
        for (let sample = 0; sample < samples; sample++) {
          for (let i = offset[sample]!; i < offset[sample + 1]!; i++) {
            const inside = time[i]! >= 0 && time[i]! <= encoder.latest && source[i]! < encoder.inputs;
            const ordered =
              i === offset[sample] ||
              time[i]! > time[i - 1]! ||
              (time[i] === time[i - 1] && source[i]! >= source[i - 1]!);
            if (!inside || !ordered) wrong++;
          }
        }
        expect(wrong).toBe(0);
        expect(createEncoder(config, data).encode(data[split])).toEqual({ ...encoder.encode(data[split]) });
      }
    }
  });

  it("says so when the data are of the other kind", () => {
    const other = all.find((data) => isEventData(data.train) !== forEvents)!;
    expect(() => createEncoder(config, other)).toThrow(UserError);
  });
});
