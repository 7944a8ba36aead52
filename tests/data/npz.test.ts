import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { parseNpy, parseNpyNames } from "../../src/data/npy.ts";
import { npz } from "../../src/data/npz.ts";
import type { FeatureData } from "../../src/data/types.ts";
import { npyBytes } from "./npy-bytes.ts";

const folder = mkdtempSync(join(tmpdir(), "eventprop-npz-"));
afterAll(() => rmSync(folder, { recursive: true }));

/** As numpy writes text: UCS-4, filled up with zeros. */
function textBytes(words: readonly string[], length: number): Uint8Array {
  const plain = Buffer.from(npyBytes([0], [1]));
  const header = plain
    .toString("latin1")
    .replace("'<f8'", `'<U${length}'`)
    .replace("(1,)", `(${words.length},)`);
  const body = new Uint32Array(words.length * length);
  words.forEach((word, i) => {
    body.set(
      [...word].map((letter) => letter.codePointAt(0)!),
      i * length,
    );
  });
  const text = header.slice(0, 127).trimEnd().slice(10).padEnd(117);
  return Buffer.concat([plain.subarray(0, 10), Buffer.from(`${text}\n`), Buffer.from(body.buffer)]);
}

test("text becomes names, numbers become the text of numbers", () => {
  const bytes = textBytes(["setosa", "größe", ""], 8);
  expect(parseNpyNames(bytes, "labels")).toEqual(["setosa", "größe", ""]);
  expect(parseNpyNames(npyBytes([1, 2.5], [2]), "labels")).toEqual(["1", "2.5"]);
  expect(() => parseNpyNames(bytes.subarray(0, bytes.length - 1), "labels")).toThrow(
    /labels: 95 bytes follow/,
  );
});

test("an array in Fortran order is the same array", () => {
  // numpy.asfortranarray([[0, 1, 2], [3, 4, 5]])
  const bytes = Buffer.from(npyBytes([0, 3, 1, 4, 2, 5], [2, 3]));
  const at = bytes.indexOf("False, ");
  bytes.write("True,  ", at);
  expect(parseNpy(bytes, "x")).toEqual({ shape: [2, 3], values: Float64Array.of(0, 1, 2, 3, 4, 5) });
});

test("a folder of .npy files is read like an archive, and features are scaled each on its own when asked for", () => {
  const features = Array.from({ length: 20 }, (_, i) => [i, 1000 * i]).flat();
  writeFileSync(join(folder, "features.npy"), npyBytes(features, [20, 2]));
  const names = Array.from({ length: 20 }, (_, i) => (i % 2 === 0 ? "red" : "white"));
  writeFileSync(join(folder, "labels.npy"), textBytes(names, 5));
  const open = (scale: "min-max" | "per-feature") =>
    npz.create({
      path: folder,
      features: "features",
      labels: "labels",
      scale,
      validation: 0,
      test: 0,
      stratify: true,
      seed: 0,
    }).train as FeatureData;
  const together = open("min-max");
  expect(together.classNames).toEqual(["red", "white"]);
  expect(Math.max(...together.features.filter((_, i) => i % 2 === 0))).toBe(19 / 19_000);
  const apart = open("per-feature");
  expect(Math.max(...apart.features.filter((_, i) => i % 2 === 0))).toBe(1);
  expect(() =>
    npz.create({
      path: folder,
      features: "x",
      labels: "labels",
      scale: "none",
      validation: 0,
      test: 0,
      stratify: true,
      seed: 0,
    }),
  ).toThrow(/has no array "x"/);
});
