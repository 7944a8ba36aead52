/**
 * Reads arrays of one HDF5 file, in a process of its own: the library is a C program that may crash or ask for any
 * memory when a file is damaged, and that has to be waited for. Started by read.ts, which says what comes and goes.
 *
 * No array is read before its size is known and allowed. Links to other files and virtual arrays are not followed.
 */

import { Dataset, Group, File as HdfFile, ready } from "h5wasm/node";
import { halfFloat } from "../npy.ts";
import {
  type ArrayHead,
  type ArrayRequest,
  type ChildAnswer,
  type ChildRequest,
  PIECE_ROWS,
} from "./protocol.ts";

/** Classes of types, H5T_class_t of the HDF5 library. */
const INTEGER = 0;
const FLOAT = 1;
const STRING = 3;
const ENUM = 8;
const VLEN = 9;

/** A chunk is unpacked as a whole; real files have some MiB. */
const MAX_CHUNK_BYTES = 256 * 2 ** 20;

/** What is wrong with the file; everything else that is thrown is the library's. */
class Refusal extends Error {}

interface NumberType {
  readonly type: number;
  readonly size: number;
  readonly signed: boolean;
  readonly littleEndian: boolean;
}

function find(root: Group, path: string): Dataset | undefined {
  let at: Group = root;
  const parts = path.split("/").filter((part) => part !== "");
  for (const [i, part] of parts.entries()) {
    if (!at.keys().includes(part)) return undefined;
    const entity = at.get(part);
    const last = i === parts.length - 1;
    if (last && entity instanceof Dataset) return entity;
    if (last || !(entity instanceof Group)) throw new Refusal(`${path} is not an array`);
    at = entity;
  }
  return undefined;
}

/** Bytes of numbers, little-endian, as doubles. */
function decoder(path: string, { type, size, signed, littleEndian }: NumberType) {
  const kind = type === FLOAT ? `f${size}` : `${signed ? "i" : "u"}${size}`;
  const read: ((view: DataView, at: number) => number) | undefined = {
    f2: (view: DataView, at: number) => halfFloat(view.getUint16(at, true)),
    f4: (view: DataView, at: number) => view.getFloat32(at, true),
    f8: (view: DataView, at: number) => view.getFloat64(at, true),
    u1: (view: DataView, at: number) => view.getUint8(at),
    i1: (view: DataView, at: number) => view.getInt8(at),
    u2: (view: DataView, at: number) => view.getUint16(at, true),
    i2: (view: DataView, at: number) => view.getInt16(at, true),
    u4: (view: DataView, at: number) => view.getUint32(at, true),
    i4: (view: DataView, at: number) => view.getInt32(at, true),
    u8: (view: DataView, at: number) => Number(view.getBigUint64(at, true)),
    i8: (view: DataView, at: number) => Number(view.getBigInt64(at, true)),
  }[kind];
  if (read === undefined || (!littleEndian && size > 1))
    throw new Refusal(`${path} has numbers of a type that is not read here`);
  return (bytes: Uint8Array): Float64Array => {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const values = new Float64Array(bytes.length / size);
    for (let i = 0; i < values.length; i++) values[i] = read(view, i * size);
    return values;
  };
}

const isNumber = (type: number): boolean => type === INTEGER || type === FLOAT || type === ENUM;

/** Rows `from` … `to`−1 as bytes, whatever the numbers are: the library has no half floats. */
function rawRows(dataset: Dataset, shape: readonly number[], from: number, to: number): unknown {
  return shape.length === 0
    ? dataset.value
    : dataset.slice(shape.map((_, axis) => (axis === 0 ? [from, to] : [])));
}

/** @param size of one number; a single number comes from the library as itself */
function bytesOf(values: unknown, size: number): Uint8Array {
  if (typeof values === "number" || typeof values === "bigint") {
    const view = new DataView(new ArrayBuffer(8));
    view.setBigUint64(0, BigInt(values), true);
    return new Uint8Array(view.buffer, 0, size);
  }
  if (ArrayBuffer.isView(values)) return new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
  throw new Refusal("it holds values that are not numbers");
}

interface Found {
  readonly head: ArrayHead;
  readonly values: readonly Float64Array[];
}

function readArray(
  root: Group,
  { path, rows: limit }: ArrayRequest,
  budget: { values: number },
): Found | undefined {
  const dataset = find(root, path);
  if (dataset === undefined) return undefined;
  const { metadata } = dataset;
  const shape = metadata.shape?.map(Number);
  if (shape === undefined) throw new Refusal(`${path} has no values`);
  if (metadata.virtual_sources !== undefined) throw new Refusal(`${path} is kept in other files`);
  const chunk = (metadata.chunks ?? []).reduce((product, each) => product * Number(each), metadata.size);
  if (chunk > MAX_CHUNK_BYTES) throw new Refusal(`${path} claims chunks of ${chunk} bytes`);
  const available = shape[0] ?? 1;
  const rows = Math.min(available, limit ?? available);
  const width = shape.slice(1).reduce((product, each) => product * each, 1);
  const spend = (count: number): void => {
    budget.values -= count;
    if (budget.values < 0)
      throw new Refusal(`${path} claims ${rows * width} entries, more than are read at once`);
  };
  const shown = shape.length === 0 ? [] : [rows, ...shape.slice(1)];
  spend(rows * width);
  if (metadata.type === STRING) {
    const strings = rows === 0 ? [] : rawRows(dataset, shape, 0, rows);
    return {
      head: { path, shape: shown, strings: (Array.isArray(strings) ? strings : [strings]).map(String) },
      values: [],
    };
  }
  const inner = metadata.type === VLEN ? metadata.vlen_type : metadata;
  if (inner === undefined || !isNumber(inner.type)) throw new Refusal(`${path} does not hold numbers`);
  const { signed, size, littleEndian } = inner;
  const decode = decoder(path, { type: inner.type, size, signed, littleEndian });
  // From here on the library hands out integers of the same size, which are taken as bytes.
  Object.assign(inner, { type: INTEGER, signed: false });
  const values: Float64Array[] = [];
  const lengths: number[] = [];
  for (let from = 0; from < rows; from += PIECE_ROWS) {
    const piece = rawRows(dataset, shape, from, Math.min(rows, from + PIECE_ROWS));
    if (metadata.type !== VLEN) {
      values.push(decode(bytesOf(piece, size)));
      continue;
    }
    for (const row of piece as unknown[]) {
      const decoded = decode(bytesOf(row, size));
      spend(decoded.length);
      lengths.push(decoded.length);
      values.push(decoded);
    }
  }
  const count = values.reduce((sum, each) => sum + each.length, 0);
  return { head: { path, shape: shown, count, ...(metadata.type === VLEN ? { lengths } : {}) }, values };
}

/** A file with more groups and arrays than this is not one that is read as a whole. */
const MAX_ENTRIES = 10_000;

/** Paths of all arrays. */
function allArrays(root: Group): ArrayRequest[] {
  const found: ArrayRequest[] = [];
  let entries = 0;
  const visit = (group: Group, at: string): void => {
    for (const name of group.keys()) {
      if (++entries > MAX_ENTRIES) throw new Refusal(`it has more than ${MAX_ENTRIES} entries`);
      const entity = group.get(name);
      if (entity instanceof Dataset) found.push({ path: at + name });
      else if (entity instanceof Group) visit(entity, `${at}${name}/`);
    }
  };
  visit(root, "");
  return found;
}

function answer({ file, arrays, maxValues }: ChildRequest): {
  head: ChildAnswer;
  values: readonly Float64Array[];
} {
  let opened: HdfFile;
  try {
    opened = new HdfFile(file, "r");
    if (opened.file_id < 0n) throw new Error("no file");
  } catch {
    return { head: { problem: "is not an HDF5 file, or is damaged" }, values: [] };
  }
  let at = "";
  try {
    const budget = { values: maxValues };
    const found = (arrays ?? allArrays(opened)).flatMap((request) => {
      at = request.path;
      const one = readArray(opened, request, budget);
      return one === undefined ? [] : [one];
    });
    return { head: { arrays: found.map(({ head }) => head) }, values: found.flatMap(({ values }) => values) };
  } catch (error) {
    const problem =
      error instanceof Refusal
        ? error.message
        : `${at} cannot be read: it is damaged, or packed in a way that is not read here`;
    return { head: { problem }, values: [] };
  }
}

await ready;
const { head, values } = answer(JSON.parse(process.argv[2] as string) as ChildRequest);
process.stdout.write(`${JSON.stringify(head)}\n`);
for (const array of values)
  process.stdout.write(new Uint8Array(array.buffer, array.byteOffset, array.byteLength));
