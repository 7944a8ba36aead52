/**
 * Hostile data files of every kind: cut, of the wrong type, packed bombs, sizes that are only claimed, numbers beyond all
 * bounds. Each is refused by a message that names the file and a place in it, or is harmless and read; the memory stays
 * bounded, and nothing is written. EVENTPROP_HOSTILE is the number of files.
 */

import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, expect, test } from "vitest";
import { UserError } from "../../src/core/errors.ts";
import { type Stream, stream } from "../../src/core/random.ts";
import { type DatasetConfig, openDataset } from "../../src/data/index.ts";
import { npyBytes, zipBytes } from "../data/npy-bytes.ts";
import { mutate, mutateBytes } from "../fuzz/mutate.ts";

const COUNT = Number(process.env["EVENTPROP_HOSTILE"] ?? 31);
const SEED = 18;
/** Bytes beyond those before: files are far smaller, claims and bombs far larger. */
const MEMORY = 1.5 * 2 ** 30;

const folder = mkdtempSync(join(tmpdir(), "eventprop-hostile-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const SPLIT = { validation: 0.2, test: 0.2, stratify: true, seed: 0 };
const TABLE = { label: "label", header: true, missing: "refuse", scale: "min-max", ...SPLIT } as const;
const ZEROS = new Uint8Array(64 * 2 ** 20);

const tableText = `x,y,label\n${Array.from({ length: 30 }, (_, i) => `${i / 30},${1 - i / 30},${i % 2 ? "red" : "blue"}`).join("\n")}\n`;
const eventsText = `sample,source,time_us,label\n${Array.from({ length: 30 }, (_, i) => `${i},${i % 3},${i / 2},${i % 2}`).join("\n")}\n`;
const hdf5 = readFileSync(join(import.meta.dirname, "../data/shd-layout.h5"));
/** Samples in it. */
const HDF5_SAMPLES = 12n;
const numbers = Array.from({ length: 60 }, (_, i) => (i * 7) % 11);
const labels = Array.from({ length: 20 }, (_, i) => i % 2);
const archive = { "features.npy": npyBytes(numbers, [20, 3]), "labels.npy": npyBytes(labels, [20]) };
const spikes = {
  "sample.npy": npyBytes(
    numbers.map((_, i) => i % 20),
    [60],
  ),
  "source.npy": npyBytes(numbers, [60]),
  "time.npy": npyBytes(numbers, [60]),
  "labels.npy": npyBytes(labels, [20]),
};
function idxBytes(shape: readonly number[], values: ArrayLike<number>, type = 8): Buffer {
  const header = Buffer.alloc(4 + 4 * shape.length);
  header.set([0, 0, type, shape.length]);
  for (const [i, size] of shape.entries()) header.writeUInt32BE(size, 4 + 4 * i);
  return Buffer.concat([header, Uint8Array.from(values)]);
}
const images = idxBytes([20, 2, 2], new Array(80).fill(100));
const imageLabels = idxBytes([20], labels);

interface Attack {
  readonly name: string;
  /** Whether the file may be readable after all: damage may hit what does not matter. */
  readonly mayPass?: boolean;
  readonly make: (draws: Stream) => DatasetConfig;
}

const pick = <T>(draws: Stream, values: readonly T[]): T => values[draws.below(values.length)]!;
const cut = <T extends Uint8Array>(bytes: T, draws: Stream): Uint8Array =>
  bytes.subarray(0, draws.below(bytes.length));
let files = 0;
function write(name: string, content: string | Uint8Array): string {
  const path = join(folder, `${files++}-${name}`);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, content);
  return path;
}
function writeImages(content: Uint8Array, own: Uint8Array = imageLabels, packed = false): string {
  const path = join(folder, `${files++}-images`);
  mkdirSync(path);
  const end = packed ? ".gz" : "";
  writeFileSync(join(path, `train-images-idx3-ubyte${end}`), content);
  writeFileSync(join(path, "train-labels-idx1-ubyte"), own);
  writeFileSync(join(path, "t10k-images-idx3-ubyte"), images);
  writeFileSync(join(path, "t10k-labels-idx1-ubyte"), imageLabels);
  return path;
}

const table = (text: string | Uint8Array): DatasetConfig => ({
  kind: "table",
  path: write("t.csv", text),
  ...TABLE,
});
const recordings = (text: string | Uint8Array): DatasetConfig => ({
  kind: "events-csv",
  path: write("e.csv", text),
  ...SPLIT,
});
const arrays = (bytes: Uint8Array): DatasetConfig => ({
  kind: "npz",
  path: write("a.npz", bytes),
  features: "features",
  labels: "labels",
  scale: "min-max",
  ...SPLIT,
});
const idx = (path: string): DatasetConfig => ({ kind: "idx", path, validation: 0.1, seed: 0 });
const spoken = (bytes: Uint8Array): DatasetConfig => ({
  kind: "events-hdf5",
  path: write("s.h5", bytes),
  times: "spikes/times",
  units: "spikes/units",
  labels: "labels",
  keys: "extra/keys",
  timeUnit: "s",
  ...SPLIT,
});
/** A text with one cell of its body replaced. */
function withCell(text: string, value: string, draws: Stream, columns: readonly number[]): string {
  const lines = text.trim().split("\n");
  const row = 1 + draws.below(lines.length - 1);
  const cells = lines[row]!.split(",");
  cells[pick(draws, columns)] = value;
  lines[row] = cells.join(",");
  return `${lines.join("\n")}\n`;
}
const HUGE = ["1e999", "-1e400", "9".repeat(400), "NaN", "inf", "0x1F", "1e", "--1", "1,5e3"];
/** Numbers of the file that count its samples, and lengths of other things, become huge ones. */
function withHugeSize(bytes: Uint8Array, draws: Stream): Uint8Array {
  const copy = Buffer.from(bytes);
  const sizes = Array.from({ length: copy.length - 7 }, (_, at) => at).filter((at) =>
    [HDF5_SAMPLES, BigInt(copy.length)].includes(copy.readBigUInt64LE(at)),
  );
  for (const at of sizes)
    if (draws.below(2) === 0) copy.writeBigUInt64LE(pick(draws, [1n << 62n, 1n << 40n, 1n << 31n]), at);
  return copy;
}

const ATTACKS: readonly Attack[] = [
  {
    name: "table: a huge or malformed number",
    make: (draws) => table(withCell(tableText, pick(draws, HUGE), draws, [0, 1])),
  },
  {
    name: "table: cut within",
    mayPass: true,
    make: (draws) => table(tableText.slice(0, draws.below(tableText.length))),
  },
  {
    name: "table: damaged text",
    mayPass: true,
    make: (draws) => table(mutate(tableText, draws, [eventsText])),
  },
  { name: "table: bytes", make: () => table(hdf5) },
  { name: "table: packed", make: () => table(gzipSync(tableText)) },
  { name: "table: a row of a million cells", make: () => table(`x,label\n${"1,".repeat(1e6)}a\n`) },
  { name: "table: a header of a million cells", make: () => table(`${"x,".repeat(1e6)}label\n`) },
  { name: "table: five million blank rows", make: () => table(`x,label\n${"\n".repeat(5e6)}1,a\n`) },
  {
    name: "events: a huge or malformed number",
    make: (draws) => recordings(withCell(eventsText, pick(draws, [...HUGE, "-1", "1e12"]), draws, [0, 1])),
  },
  {
    name: "events: a malformed time",
    make: (draws) => recordings(withCell(eventsText, pick(draws, [...HUGE, "-0.5"]), draws, [2])),
  },
  {
    name: "events: cut within",
    mayPass: true,
    make: (draws) => recordings(eventsText.slice(0, draws.below(eventsText.length))),
  },
  {
    name: "events: damaged text",
    mayPass: true,
    make: (draws) => recordings(mutate(eventsText, draws, [tableText])),
  },
  { name: "npz: cut", make: (draws) => arrays(cut(zipBytes(pick(draws, [archive, spikes])), draws)) },
  {
    name: "npz: damaged bytes",
    mayPass: true,
    make: (draws) =>
      arrays(mutateBytes(zipBytes(pick(draws, [archive, spikes]), { deflate: draws.below(2) === 0 }), draws)),
  },
  {
    name: "npz: a bomb that claims little",
    make: (draws) =>
      arrays(
        zipBytes(
          { "labels.npy": archive["labels.npy"], "features.npy": ZEROS },
          { deflate: true, claimed: 100 + draws.below(1000) },
        ),
      ),
  },
  {
    name: "npz: claims of many gigabytes",
    make: (draws) => arrays(zipBytes(archive, { deflate: true, claimed: 0xf0000000 + draws.below(1000) })),
  },
  {
    name: "npz: a shape beyond its bytes",
    make: (draws) =>
      arrays(zipBytes({ ...archive, "features.npy": npyBytes(numbers, [20, 10 ** (2 + draws.below(12))]) })),
  },
  {
    name: "npz: spikes of no sample",
    make: (draws) =>
      arrays(
        zipBytes({
          ...spikes,
          "sample.npy": npyBytes(
            numbers.map((_, i) => (i === draws.below(60) ? 1e9 : -1)),
            [60],
          ),
        }),
      ),
  },
  {
    name: "npz: times that are none",
    make: (draws) =>
      arrays(
        zipBytes({
          ...spikes,
          "time.npy": npyBytes(
            numbers.map(() => pick(draws, [Number.NaN, Number.NEGATIVE_INFINITY, -1])),
            [60],
          ),
        }),
      ),
  },
  {
    name: "npz: not an archive",
    make: (draws) => arrays(pick(draws, [hdf5, Buffer.from(tableText), Buffer.alloc(0), images])),
  },
  { name: "idx: cut", make: (draws) => idx(writeImages(cut(images, draws))) },
  {
    name: "idx: cut while packed",
    make: (draws) => idx(writeImages(cut(gzipSync(images), draws), imageLabels, true)),
  },
  {
    name: "idx: damaged bytes",
    mayPass: true,
    make: (draws) => idx(writeImages(mutateBytes(images, draws))),
  },
  {
    name: "idx: a packed bomb",
    make: () => idx(writeImages(gzipSync(Buffer.concat([images, ZEROS])), imageLabels, true)),
  },
  {
    name: "idx: claims of many gigabytes",
    make: (draws) =>
      idx(
        writeImages(gzipSync(idxBytes([0xffffffff, 1 + draws.below(1000), 28], [1, 2])), imageLabels, true),
      ),
  },
  {
    name: "idx: another type",
    make: (draws) => idx(writeImages(idxBytes([20, 2, 2], new Array(80).fill(1), 9 + draws.below(6)))),
  },
  { name: "idx: fewer labels", make: (draws) => idx(writeImages(images, idxBytes([draws.below(20)], []))) },
  { name: "hdf5: cut", mayPass: true, make: (draws) => spoken(cut(hdf5, draws)) },
  { name: "hdf5: damaged bytes", mayPass: true, make: (draws) => spoken(mutateBytes(hdf5, draws)) },
  { name: "hdf5: huge claimed sizes", mayPass: true, make: (draws) => spoken(withHugeSize(hdf5, draws)) },
  {
    name: "hdf5: another format",
    make: (draws) =>
      spoken(pick(draws, [Buffer.from(tableText), zipBytes(archive), Buffer.alloc(0), images])),
  },
];

/** Beyond the file's name: a row, an array, a sample, an entry, or what about the whole file is wrong. */
const PLACE =
  /row \d+|column|array |entry|sample|labels|values|header|bytes follow|images|classes|spikes|archive|table of contents|unpacks|packed|damaged|binary|empty|IDX|HDF5|train|no rows|type|chunks|cut short/;

test(
  `${COUNT} hostile files are refused with their name and a place, within bounded memory, and nothing is written`,
  () => {
    const before = process.memoryUsage().rss;
    const outcomes = new Map<string, { refused: number; read: number }>();
    const wrong: string[] = [];
    for (let i = 0; i < COUNT; i++) {
      const attack = ATTACKS[i % ATTACKS.length]!;
      const config = attack.make(stream(SEED, "tests/hostile", i));
      const written = readdirSync(folder).length;
      const outcome = outcomes.get(attack.name) ?? { refused: 0, read: 0 };
      outcomes.set(attack.name, outcome);
      try {
        openDataset(config);
        outcome.read++;
        if (attack.mayPass !== true) wrong.push(`${i} ${attack.name}: was read`);
      } catch (error) {
        outcome.refused++;
        if (!(error instanceof UserError)) wrong.push(`${i} ${attack.name}: ${(error as Error).stack}`);
        else {
          const { message, where } = error;
          const path = (config as { path: string }).path;
          const text = `${where?.file ?? ""} ${message}`;
          if (!text.includes(basename(path)) || !(where?.line !== undefined || PLACE.test(message)))
            wrong.push(`${i} ${attack.name}: names no file or place: ${text}`);
        }
      }
      const rss = process.memoryUsage().rss - before;
      if (rss > MEMORY) wrong.push(`${i} ${attack.name}: ${Math.round(rss / 2 ** 20)} MiB`);
      if (readdirSync(folder).length !== written) wrong.push(`${i} ${attack.name}: wrote a file`);
      rmSync((config as { path: string }).path, { recursive: true });
    }
    expect(wrong).toEqual([]);
    const total = [...outcomes.values()].reduce((sum, { refused }) => sum + refused, 0);
    expect(total).toBeGreaterThan(COUNT / 2);
    if (process.env["EVENTPROP_HOSTILE"] !== undefined) {
      const lines = [...outcomes].map(
        ([name, { refused, read }]) => `${name}: ${refused} refused, ${read} read`,
      );
      const peak = Math.round(process.resourceUsage().maxRSS / 1024);
      process.stdout.write(`${lines.join("\n")}\n${total} of ${COUNT} refused; ${peak} MiB at most\n`);
    }
  },
  COUNT * 10_000,
);
