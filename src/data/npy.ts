/**
 * Arrays as numpy writes them (format 1.0 to 3.0, numpy.lib.format): a header that is a Python literal, then the values.
 * Read here: little-endian numbers and booleans in C order; 64-bit integers as far as doubles hold them.
 */

import { UserError } from "../core/errors.ts";
import { halfFloat } from "./half-float.ts";

export interface NumpyArray {
  readonly shape: readonly number[];
  /** In C order. */
  readonly values: Float64Array;
}

type Reader = (view: DataView, at: number) => number;

const READERS: Readonly<Record<string, readonly [bytes: number, read: Reader]>> = {
  b1: [1, (view, at) => view.getUint8(at)],
  u1: [1, (view, at) => view.getUint8(at)],
  i1: [1, (view, at) => view.getInt8(at)],
  u2: [2, (view, at) => view.getUint16(at, true)],
  i2: [2, (view, at) => view.getInt16(at, true)],
  u4: [4, (view, at) => view.getUint32(at, true)],
  i4: [4, (view, at) => view.getInt32(at, true)],
  u8: [8, (view, at) => Number(view.getBigUint64(at, true))],
  i8: [8, (view, at) => Number(view.getBigInt64(at, true))],
  f2: [2, (view, at) => halfFloat(view.getUint16(at, true))],
  f4: [4, (view, at) => view.getFloat32(at, true)],
  f8: [8, (view, at) => view.getFloat64(at, true)],
};

/** @param what named in errors. @throws UserError("input-file") */
export function parseNpy(bytes: Uint8Array, what: string): NumpyArray {
  const fail = (problem: string, hint?: string): UserError =>
    new UserError("input-file", `${what}: ${problem}`, hint === undefined ? {} : { hint });
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < 12 || view.getUint32(0) !== 0x934e554d || view.getUint16(4) !== 0x5059)
    throw fail("is not an array of numpy");
  const long = view.getUint8(6) >= 2;
  const start = long ? 12 : 10;
  const length = long ? view.getUint32(8, true) : view.getUint16(8, true);
  if (length > 10_000 || start + length > bytes.length) throw fail("its header is cut short");
  const header = new TextDecoder().decode(bytes.subarray(start, start + length));
  const type = /'descr': *'([<>|=])([a-zA-Z]\d*)'/.exec(header);
  const shapeText = /'shape': *\(([\d, ]*)\)/.exec(header)?.[1];
  const reader = READERS[type?.[2] ?? ""];
  if (type === null || reader === undefined || (type[1] === ">" && reader[0] > 1))
    throw fail("its type is not read here", "numpy: array.astype('<f8')");
  if (shapeText === undefined) throw fail("its header has no shape");
  if (/'fortran_order': *True/.test(header))
    throw fail("is in Fortran order", "numpy: numpy.ascontiguousarray(array)");
  const shape = shapeText
    .split(",")
    .map((part) => part.trim())
    .filter((part) => part !== "")
    .map(Number);
  const count = shape.reduce((product, size) => product * size, 1);
  const [size, read] = reader;
  if (count * size !== bytes.length - start - length)
    throw fail(
      `${bytes.length - start - length} bytes follow where its shape (${shape.join(", ")}) needs ${count * size}`,
    );
  const values = new Float64Array(count);
  for (let i = 0, at = start + length; i < count; i++, at += size) values[i] = read(view, at);
  return { shape, values };
}
