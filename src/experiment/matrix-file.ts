/** Numbers of one projection from a file: `.npy`, or `.npz` and JSON with the name of the projection, or of its delays, as key. */

import { UserError } from "../core/errors.ts";
import { parseJson } from "../core/json-text.ts";
import { listed } from "../core/suggest.ts";
import { parseNpy } from "../data/npy.ts";
import { readBytes, readTextFile } from "../data/text-file.ts";
import { unzipped } from "../data/unpack.ts";

export interface MatrixShape {
  /** The projection's name. */
  readonly name: string;
  readonly sources: number;
  readonly targets: number;
}

/**
 * `matrix[source · targets + target]`.
 * @throws UserError("input-file") naming file and place when it is missing, of another shape, or not finite
 */
export function readMatrix(path: string, { name, sources, targets }: MatrixShape): Float64Array {
  const { shape, values } = /\.json$/i.test(path) ? fromJson(path, name) : fromNumpy(path, name);
  if (shape.length !== 2 || shape[0] !== sources || shape[1] !== targets) {
    const transposed = shape.length === 2 && shape[0] === targets && shape[1] === sources;
    throw new UserError(
      "input-file",
      `${path}: the matrix of ${name} has shape (${shape.join(", ")}), (${sources}, ${targets}) is expected`,
      transposed ? { hint: "it looks transposed: rows are sources" } : {},
    );
  }
  const wrong = values.findIndex((value) => !Number.isFinite(value));
  if (wrong >= 0)
    throw new UserError(
      "input-file",
      `${path}: ${name} row ${Math.floor(wrong / targets)}, column ${wrong % targets} (from 0) is ${values[wrong]}`,
    );
  return values;
}

/**
 * `count` numbers from 0 to `most`.
 * @throws UserError("input-file") naming file and place when they are missing, too few, too many, or out of range
 */
export function readVector(path: string, name: string, count: number, most: number): Float64Array {
  const { shape, values } = /\.json$/i.test(path) ? fromJson(path, name) : fromNumpy(path, name);
  if (values.length !== count)
    throw new UserError(
      "input-file",
      `${path}: "${name}" has shape (${shape.join(", ")}), ${count} numbers are expected`,
    );
  const wrong = values.findIndex((value) => !(value >= 0 && value <= most));
  if (wrong >= 0)
    throw new UserError(
      "input-file",
      `${path}: "${name}" number ${wrong} (from 0) is ${values[wrong]}, from 0 to ${most} is expected`,
    );
  return values;
}

interface Matrix {
  readonly shape: readonly number[];
  readonly values: Float64Array;
}

function fromNumpy(path: string, name: string): Matrix {
  const bytes = readBytes(path);
  if (bytes[0] !== 0x50 || bytes[1] !== 0x4b) return parseNpy(bytes, path);
  const entries = unzipped(bytes, path);
  const found = entries.get(`${name}.npy`);
  if (found === undefined)
    throw missing(
      path,
      name,
      [...entries.keys()].map((key) => key.replace(/\.npy$/, "")),
    );
  return parseNpy(found, `${path}, array ${name}`);
}

function fromJson(path: string, name: string): Matrix {
  const { value: all } = parseJson(readTextFile(path), path);
  const isObject = typeof all === "object" && all !== null && !Array.isArray(all);
  const rows = isObject && Object.hasOwn(all, name) ? all[name] : undefined;
  if (rows === undefined) throw missing(path, name, isObject ? Object.keys(all) : []);
  if (!Array.isArray(rows)) throw new UserError("input-file", `${path}: "${name}" is not a matrix`);
  if (rows.every((entry) => typeof entry === "number"))
    return { shape: [rows.length], values: Float64Array.from(rows) };
  const width = Array.isArray(rows[0]) ? rows[0].length : 0;
  const values = new Float64Array(rows.length * width);
  rows.forEach((row, r) => {
    if (!Array.isArray(row) || row.length !== width)
      throw new UserError(
        "input-file",
        `${path}: "${name}" row ${r} (from 0) is not a row of ${width} numbers`,
      );
    row.forEach((entry, c) => {
      values[r * width + c] = typeof entry === "number" ? entry : Number.NaN;
    });
  });
  return { shape: [rows.length, width], values };
}

function missing(path: string, name: string, names: readonly string[]): UserError {
  return new UserError("input-file", `${path} has no matrix "${name}"`, {
    hint: names.length === 0 ? "keys are names of projections" : `it has: ${listed(names)}`,
  });
}
