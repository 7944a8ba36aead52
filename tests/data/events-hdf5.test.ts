import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { eventsHdf5 } from "../../src/data/events-hdf5.ts";

/**
 * Written by h5py 3.7: 12 samples of 5 to 7 spikes, vlen float16 times in seconds and vlen uint16 units with gzip, as SHD
 * has them; labels 0, 1, 2, 0, …, and names of the three classes.
 */
const FILE = join(import.meta.dirname, "shd-layout.h5");
const FIRST = {
  times: [0.2017822265625, 0.4365234375, 0.71630859375, 1.328125, 1.3310546875],
  units: [608, 296, 191, 579, 179],
};
const base = {
  path: FILE,
  times: "spikes/times",
  units: "spikes/units",
  labels: "labels",
  keys: "extra/keys",
  timeUnit: "s",
  validation: 0,
  test: 0,
  stratify: false,
  seed: 0,
} as const;
const folder = mkdtempSync(join(tmpdir(), "eventprop-hdf5-"));
afterAll(() => rmSync(folder, { recursive: true }));

it("reads half floats, rows of their own lengths and names of classes", () => {
  const { train } = eventsHdf5.create(base);
  expect(train.size).toBe(12);
  expect(train.classNames).toEqual(["one", "two", "zero"]);
  const zeros = [...train.labels].filter((label) => train.classNames[label] === "zero");
  expect(zeros).toHaveLength(4);
  expect(train.time).toHaveLength(72);
  const samples = Array.from({ length: 12 }, (_, i) => ({
    times: [...train.time.slice(train.offset[i]!, train.offset[i + 1]!)].map((time) => time / 1e6),
    units: [...train.source.slice(train.offset[i]!, train.offset[i + 1]!)],
  }));
  expect(samples).toContainEqual(FIRST);
});

it("joins channels, counts a bin once, and takes the first samples", () => {
  const { train } = eventsHdf5.create({ ...base, recorded: 700, channels: 7, bin: 1e6, limit: 6 });
  expect(train.size).toBe(6);
  expect(train.channels).toBe(7);
  expect(train.source.every((source) => source < 7)).toBe(true);
  expect([...new Set(train.time)].sort()).toEqual([1.5e6, 500_000]);
  for (let i = 0; i < train.size; i++) {
    const keys = Array.from(train.time.slice(train.offset[i]!, train.offset[i + 1]!), (time, k) => {
      return `${time} ${train.source[train.offset[i]! + k]}`;
    });
    expect(new Set(keys).size).toBe(keys.length);
  }
});

it("keeps samples of a file for testing apart", () => {
  const { train, validation, test } = eventsHdf5.create({ ...base, testPath: FILE, validation: 0.25 });
  expect([train.size, validation.size, test.size]).toEqual([9, 3, 12]);
});

it("names the file, the array and the place of the fault", () => {
  const cut = join(folder, "cut.h5");
  writeFileSync(cut, readFileSync(FILE).subarray(0, 3000));
  expect(() => eventsHdf5.create({ ...base, path: cut })).toThrow(/cut\.h5.*(HDF5|damaged)/);
  expect(() => eventsHdf5.create({ ...base, times: "spikes/time" })).toThrow(
    /shd-layout\.h5 has no array spikes\/time/,
  );
  expect(() => eventsHdf5.create({ ...base, times: "labels" })).toThrow(
    /labels does not hold rows of numbers/,
  );
  expect(() => eventsHdf5.create({ ...base, recorded: 10 })).toThrow(
    /spikes\/units, sample \d+, entry \d+: \d+ is no channel/,
  );
});
