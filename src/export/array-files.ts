/** Named arrays on disk: as one `.npz` archive, or as a folder with a file for each. All is written, or nothing. */

import { existsSync, mkdtempSync, renameSync, rmSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { createFolder, fileError, writeAtomic } from "../core/durable-files.ts";
import { UserError } from "../core/errors.ts";
import { npyBytes } from "../data/npy.ts";
import { zipArchive } from "../data/zip-archive.ts";

export interface NamedArray {
  readonly name: string;
  /** Empty for a single number. */
  readonly shape: readonly number[];
  /** In C order. */
  readonly values: Float64Array | Int32Array | Int8Array;
  /** Names of the columns of a table; a matrix of weights has none. */
  readonly columns?: readonly string[];
  /** Names of the axes, and of the value, of an array with more than two of them. */
  readonly axes?: readonly string[];
}

/** @throws UserError("file") when `out` exists or cannot be written */
export function writeArrays(out: string, format: string, arrays: readonly NamedArray[]): void {
  if (existsSync(out))
    throw new UserError("file", `${out} exists already, nothing was written`, {
      hint: "name another with --out",
    });
  createFolder(dirname(out));
  if (format === "npz") {
    const entries = arrays.map(
      ({ name, shape, values }) => [`${name}.npy`, npyBytes(shape, values)] as const,
    );
    writeAtomic(out, zipArchive(new Map(entries)));
    return;
  }
  let temporary: string | undefined;
  try {
    temporary = mkdtempSync(join(dirname(out), `.${basename(out)}-`));
    for (const array of arrays) {
      const path = join(temporary, `${fileName(array.name)}.${format}`);
      if (existsSync(path))
        throw new UserError("file", `two arrays would be called ${basename(path)}`, {
          hint: "write one archive: --format npz",
        });
      writeAtomic(path, format === "npy" ? npyBytes(array.shape, array.values) : csvText(array));
    }
    renameSync(temporary, out);
  } catch (cause) {
    if (temporary !== undefined) rmSync(temporary, { recursive: true, force: true });
    throw fileError(out, cause);
  }
}

/** `input>hidden` → `input_to_hidden`: shells and some file systems have another use for `>`. */
function fileName(name: string): string {
  return name.replaceAll(">", "_to_");
}

function csvText({ shape, values, columns, axes }: NamedArray): string {
  if (axes !== undefined) {
    const lines = Array.from(values, (value, i) => [...indices(i, shape), value].join(","));
    return `${[axes.join(","), ...lines].join("\n")}\n`;
  }
  const width = shape.length === 2 ? shape[1]! : 1;
  const lines = columns === undefined ? [] : [columns.join(",")];
  for (let at = 0; at < values.length; at += width) lines.push(values.subarray(at, at + width).join(","));
  return `${lines.join("\n")}\n`;
}

/** Place of the entry that stands at `i` in C order. */
function indices(i: number, shape: readonly number[]): number[] {
  const found: number[] = [];
  let rest = i;
  for (const size of [...shape].reverse()) {
    found.unshift(rest % size);
    rest = Math.floor(rest / size);
  }
  return found;
}
