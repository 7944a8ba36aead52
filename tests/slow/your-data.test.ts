/** The commands of docs/your-data.md, word for word but for one epoch, on small files of the forms that it names. */

import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, expect, test } from "vitest";
import { eventprop } from "../cli/program.ts";
import { npyBytes, zipBytes } from "../data/npy-bytes.ts";

const root = join(import.meta.dirname, "../..");
const folder = mkdtempSync(join(tmpdir(), "eventprop-your-data-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const write = (name: string, content: string | Uint8Array): void =>
  writeFileSync(join(folder, name), content);

const iris = readFileSync(join(root, "experiments/iris.csv"), "utf8").trim().split("\n").slice(1);
write("iris.data", `${iris.map((row) => row.replace(/([a-z]+)$/, "Iris-$1")).join("\n")}\n\n`);
/** In the layout of the UCI file: class, then 13 measurements. */
const wines = Array.from({ length: 60 }, (_, i) => [
  (i % 3) + 1,
  ...Array.from({ length: 13 }, (_, k) => ((i % 3) + 1) * 10 * k + (i % 7) / 10),
]);
write("wine.data", `${wines.map((row) => row.join(",")).join("\n")}\n`);
const measured = Array.from({ length: 40 }, (_, i) =>
  `${i},25;${-i / 2};${i < 20 ? "low" : "high"}`.replace(".", ","),
);
write("measurements.csv", `width;length;kind\r\n${measured.join("\r\n")}\r\n`);

mkdirSync(join(folder, "images"));
const idx = (shape: readonly number[], values: Uint8Array): Uint8Array => {
  const header = Buffer.alloc(4 + 4 * shape.length);
  header.set([0, 0, 8, shape.length]);
  for (const [i, size] of shape.entries()) header.writeUInt32BE(size, 4 + 4 * i);
  return gzipSync(Buffer.concat([header, values]));
};
for (const part of ["train", "t10k"]) {
  // A bright row for each class.
  const pixels = new Uint8Array(50 * 28 * 28);
  for (let image = 0; image < 50; image++)
    pixels.fill(200, image * 784 + 56 * (image % 10), image * 784 + 56 * (image % 10) + 56);
  write(`images/${part}-images-idx3-ubyte.gz`, idx([50, 28, 28], pixels));
  write(
    `images/${part}-labels-idx1-ubyte.gz`,
    idx(
      [50],
      Uint8Array.from({ length: 50 }, (_, i) => i % 10),
    ),
  );
}
copyFileSync(join(root, "tests/data/shd-layout.h5"), join(folder, "shd.h5"));
const spikes = Array.from({ length: 200 }, (_, i) => i);
write(
  "spikes.npz",
  zipBytes({
    "sample.npy": npyBytes(
      spikes.map((i) => i % 20),
      [200],
    ),
    "source.npy": npyBytes(
      spikes.map((i) => (i * 3) % 16),
      [200],
    ),
    "time.npy": npyBytes(
      spikes.map((i) => (i * 137) % 30_000),
      [200],
    ),
    "labels.npy": npyBytes(
      Array.from({ length: 20 }, (_, i) => i % 2),
      [20],
    ),
  }),
);

/** Words of a shell command without expansions. */
const words = (line: string): string[] =>
  [...line.matchAll(/'([^']*)'|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain!);
const commands = readFileSync(join(root, "docs/your-data.md"), "utf8")
  .split("\n")
  .filter((line) => /^npx eventprop (train|inspect)/.test(line));

test("the page names a command for each kind of file", () => {
  for (const name of ["iris.data", "wine.data", "measurements.csv", "images", "shd.h5", "spikes.npz"])
    expect(commands.some((line) => line.includes(name))).toBe(true);
});

test.each(commands)("%s", (line) => {
  const args = words(line).slice(2);
  const short =
    args[0] === "train" ? ["--set", "training.epochs=1", "--set", "training.evaluateEvery=1"] : [];
  const { code, stdout, stderr } = eventprop([...args, ...short], { cwd: folder });
  expect(stderr).not.toMatch(/error/);
  expect(code).toBe(0);
  expect(stdout).toMatch(args[0] === "train" ? /test loss[\s\S]* %/ : /104 samples for training/);
});
