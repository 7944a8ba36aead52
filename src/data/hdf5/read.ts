/**
 * Arrays of HDF5 files. The library (h5wasm, the C library compiled to WebAssembly) is asked in a process of its own:
 * loading it takes a third of a second, which no other command should pay; data sets are opened without a pause in
 * which one could wait for it; and whatever a damaged file does to it, a message comes of it.
 */

import { spawnSync } from "node:child_process";
import { statSync } from "node:fs";
import { UserError } from "../../core/errors.ts";
import { packagePath } from "../../core/package-folder.ts";
import { checkReadable } from "../text-file.ts";
import type { ArrayHead, ArrayRequest, ChildAnswer, ChildRequest } from "./protocol.ts";

export type Hdf5Array =
  | { readonly kind: "strings"; readonly shape: readonly number[]; readonly strings: readonly string[] }
  | {
      readonly kind: "numbers";
      readonly shape: readonly number[];
      /** In C order; rows of their own lengths one after the other. */
      readonly values: Float64Array;
      /** Numbers in each row, where rows have lengths of their own. */
      readonly lengths?: readonly number[];
    };

/** The compiled module, also where the sources are run as they are, in tests. */
const CHILD = packagePath("dist/data/hdf5/child.js");

/** Numbers in all arrays of one file, 256 MiB; and the memory that the library may ask for, 1 GiB. */
const MAX_VALUES = 2 ** 25;
const WASM_PAGES = 16_384;
const MAX_MS = 600_000;

/** What was read last: the checks of an experiment and its run read the same. */
let last: { readonly key: string; readonly arrays: ReadonlyMap<string, Hdf5Array> } | undefined;

/**
 * Those of `arrays` that the file has, by their paths.
 * @throws UserError("input-file") when it cannot be read
 */
export function readHdf5(file: string, arrays: readonly ArrayRequest[]): ReadonlyMap<string, Hdf5Array> {
  return ask({ file, arrays, maxValues: MAX_VALUES });
}

/**
 * All arrays of a file, by their paths.
 * @throws UserError("input-file") when it cannot be read
 */
export function readAllHdf5(file: string): ReadonlyMap<string, Hdf5Array> {
  return ask({ file, maxValues: MAX_VALUES });
}

function ask(request: ChildRequest): ReadonlyMap<string, Hdf5Array> {
  const { file, maxValues } = request;
  checkReadable(file);
  const { size, mtimeMs, ino } = statSync(file);
  const key = JSON.stringify([request, size, mtimeMs, ino]);
  if (last?.key === key) return last.arrays;
  const { status, stdout, error } = spawnSync(
    process.execPath,
    [`--wasm-max-mem-pages=${WASM_PAGES}`, "--no-warnings", CHILD, JSON.stringify(request)],
    { maxBuffer: 8 * maxValues + 64 * 2 ** 20, timeout: MAX_MS, stdio: ["ignore", "pipe", "ignore"] },
  );
  const end = stdout?.indexOf(10) ?? -1;
  if (error !== undefined || status !== 0 || end < 0)
    throw new UserError("input-file", `cannot read ${file}: the HDF5 library failed on it`, {
      hint: "is it complete? `h5dump -H` or h5py show what it holds",
      ...(error === undefined ? {} : { cause: error }),
    });
  const answer = JSON.parse(stdout.toString("utf8", 0, end)) as ChildAnswer;
  if ("problem" in answer) throw new UserError("input-file", `${file}: ${answer.problem}`);
  // Copied: doubles must begin at a multiple of their size.
  const all = new Float64Array(new Uint8Array(stdout.subarray(end + 1)).buffer);
  const found = new Map<string, Hdf5Array>();
  let at = 0;
  for (const head of answer.arrays) {
    found.set(head.path, arrayOf(head, all.subarray(at, at + (head.count ?? 0))));
    at += head.count ?? 0;
  }
  last = { key, arrays: found };
  return found;
}

function arrayOf({ shape, strings, lengths }: ArrayHead, values: Float64Array): Hdf5Array {
  if (strings !== undefined) return { kind: "strings", shape, strings };
  return { kind: "numbers", shape, values, ...(lengths === undefined ? {} : { lengths }) };
}
