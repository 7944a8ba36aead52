/**
 * Images as MNIST, Fashion-MNIST and their kin have them: IDX files of unsigned bytes (Y. LeCun's format), one with images
 * and one with labels, for training and for testing, gzip or not. Images can be cut down to fewer pixels by averaging.
 */

import { join } from "node:path";
import { type Static, type TObject, Type } from "@sinclair/typebox";
import { UserError } from "../core/errors.ts";
import { fileSchema } from "../core/option-schemas.ts";
import { permutation, stream } from "../core/random.ts";
import { member } from "../core/table.ts";
import { readFirst } from "./text-file.ts";
import type { DatasetSplits, FeatureData } from "./types.ts";
import { beginning, gunzipped } from "./unpack.ts";

const options = {
  path: fileSchema({
    description:
      "Folder with train-images-idx3-ubyte, train-labels-idx1-ubyte and the same of t10k, .gz or not.",
  }),
  size: Type.Optional(
    Type.Integer({
      minimum: 1,
      maximum: 256,
      description: "Pixels per side after averaging (default: as in the file).",
    }),
  ),
  limit: Type.Optional(
    Type.Integer({
      minimum: 1,
      maximum: 10_000_000,
      description: "Images used of each file, the first ones (default: all).",
    }),
  ),
  validation: Type.Number({
    default: 0.1,
    minimum: 0,
    maximum: 0.9,
    description: "Share of the training images for validation.",
  }),
  seed: Type.Integer({ default: 0, minimum: 0, maximum: 0xffffffff, description: "Seed of the split." }),
};

/** Of a file: eleven times MNIST. Features are doubles: 1 GiB. */
const MAX_BYTES = 2 ** 29;
const MAX_FEATURES = 2 ** 27;

type IdxOptions = Static<TObject<typeof options>>;

export const idx = member({
  kind: "idx",
  summary: "a folder of MNIST-format files: images and labels for training and testing",
  options,
  create: (chosen: IdxOptions): DatasetSplits<FeatureData> => {
    const all = readPart("train", chosen);
    const test = readPart("t10k", chosen);
    if (test.featureCount !== all.featureCount)
      throw new UserError("input-file", `${chosen.path}: images for training and testing differ in size`);
    const classes =
      Math.max(...[all, test].map(({ labels }) => labels.reduce((most, each) => Math.max(most, each), 0))) +
      1;
    const order = permutation(all.size, stream(chosen.seed, "data/idx/split"));
    const train = all.size - Math.round(chosen.validation * all.size);
    const names = { classes, classNames: Array.from({ length: classes }, (_, label) => String(label)) };
    return {
      train: { ...pick(all, order.subarray(0, train)), ...names },
      validation: { ...pick(all, order.subarray(train)), ...names },
      test: { ...test, ...names },
    };
  },
});

type Images = Omit<FeatureData, "classes" | "classNames">;

function pick({ featureCount, features, labels }: Images, rows: Int32Array): Images {
  const picked = new Float64Array(rows.length * featureCount);
  rows.forEach((row, i) => {
    picked.set(features.subarray(row * featureCount, (row + 1) * featureCount), i * featureCount);
  });
  return {
    size: rows.length,
    featureCount,
    features: picked,
    labels: Uint8Array.from(rows, (row) => labels[row]!),
  };
}

function readPart(part: string, { path, size: side, limit = Number.POSITIVE_INFINITY }: IdxOptions): Images {
  const images = readIdx(path, `${part}-images`, 3);
  const labels = readIdx(path, `${part}-labels`, 1);
  const [available, height, width] = images.shape as [number, number, number];
  if (labels.shape[0] !== available)
    throw new UserError(
      "input-file",
      `${images.file} has ${available} images, ${labels.file} ${labels.shape[0]} labels`,
    );
  const size = Math.min(available, limit);
  if (size === 0) throw new UserError("input-file", `${images.file} has no images`);
  const [rows, columns] = side === undefined ? [height, width] : [side, side];
  if (rows > height || columns > width)
    throw new UserError(
      "input-file",
      `${images.file} has ${height} x ${width} pixels, \`size\` asks for ${side}`,
    );
  const featureCount = rows * columns;
  if (size * featureCount > MAX_FEATURES)
    throw new UserError(
      "input-file",
      `${images.file}: ${size} images of ${featureCount} pixels do not fit into memory`,
      {
        hint: "set `limit` or a smaller `size`",
      },
    );
  const features = new Float64Array(size * featureCount);
  const vertical = shares(height, rows);
  const horizontal = shares(width, columns);
  for (let image = 0; image < size; image++) {
    const from = image * height * width;
    for (const [y, row, share] of vertical) {
      for (const [x, column, part] of horizontal) {
        features[image * featureCount + row * columns + column]! +=
          share * part * images.values[from + y * width + x]!;
      }
    }
  }
  for (let i = 0; i < features.length; i++) features[i] = Math.min(1, features[i]! / 255);
  return { size, featureCount, features, labels: labels.values.slice(0, size) };
}

/** Which old pixel counts how much in which new one: [old, new, share]; the shares of a new pixel add to 1. */
function shares(old: number, now: number): (readonly [number, number, number])[] {
  const width = old / now;
  const found: [number, number, number][] = [];
  for (let pixel = 0; pixel < now; pixel++) {
    const [start, end] = [pixel * width, (pixel + 1) * width];
    for (let from = Math.floor(start); from < Math.min(old, Math.ceil(end)); from++) {
      const overlap = Math.min(end, from + 1) - Math.max(start, from);
      if (overlap > 1e-9) found.push([from, pixel, overlap / width]);
    }
  }
  return found;
}

function readIdx(folder: string, name: string, dimensions: 1 | 3) {
  const base = `${name}-idx${dimensions}-ubyte`;
  const { file, bytes: packed } = readFirst(
    [base, `${base}.gz`, base.replace("-idx", ".idx")].map((each) => join(folder, each)),
  );
  const fail = (problem: string, hint?: string): UserError =>
    new UserError("input-file", `${file}: ${problem}`, hint === undefined ? {} : { hint });
  const header = 4 + 4 * dimensions;
  const first = beginning(packed, file);
  if (first.length < header || first[0] !== 0 || first[1] !== 0) throw fail("is not an IDX file");
  if (first[2] !== 8 || first[3] !== dimensions)
    throw fail(
      `holds type ${first[2]} in ${first[3]} dimensions; unsigned bytes in ${dimensions} are expected`,
    );
  const view = new DataView(first.buffer, first.byteOffset);
  const shape = Array.from({ length: dimensions }, (_, i) => view.getUint32(4 + 4 * i));
  const count = shape.reduce((product, each) => product * each, 1);
  if (count > MAX_BYTES) throw fail(`its header announces ${count} values, at most ${MAX_BYTES} are read`);
  const bytes = gunzipped(packed, file, header + count + 1);
  if (bytes.length !== header + count)
    throw fail(`${bytes.length - header} values follow where its header announces ${count}`);
  return { file, shape, values: bytes.subarray(header) };
}
