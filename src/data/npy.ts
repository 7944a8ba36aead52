/**
 * Arrays as numpy writes them (format 1.0 to 3.0, numpy.lib.format): a header that is a Python literal, then the values.
 * Read here: little-endian numbers and booleans, 64-bit integers as far as doubles hold them, and text. Written here
 * (format 1.0): doubles and signed integers of 8 and 32 bits.
 */

import { UserError } from "../core/errors.ts";

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

/** More do not fit into memory beside what is made of them: 1 GiB of doubles. */
const MAX_VALUES = 2 ** 27;

interface Header {
  /** `"<f8"` */
  readonly type: string;
  readonly shape: readonly number[];
  readonly count: number;
  readonly fortran: boolean;
  /** The values. */
  readonly body: DataView;
  readonly fail: (problem: string, hint?: string) => UserError;
}

function readHeader(bytes: Uint8Array, what: string): Header {
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
  const type = /'descr': *'([<>|=][a-zA-Z]\d*)'/.exec(header)?.[1];
  const shapeText = /'shape': *\(([\d, ]*)\)/.exec(header)?.[1];
  if (type === undefined) throw fail("its type is not read here", "numpy: array.astype('<f8')");
  if (shapeText === undefined) throw fail("its header has no shape");
  const shape = shapeText
    .split(",")
    .map((part) => part.trim())
    .filter((part) => part !== "")
    .map(Number);
  const count = shape.reduce((product, size) => product * size, 1);
  const body = new DataView(bytes.buffer, bytes.byteOffset + start + length, bytes.length - start - length);
  return { type, shape, count, fortran: /'fortran_order': *True/.test(header), body, fail };
}

/** @throws UserError("input-file") when there are other bytes than the shape needs, or too many */
function checkSize({ shape, count, body, fail }: Header, bytesEach: number): void {
  if (count * bytesEach !== body.byteLength)
    throw fail(
      `${body.byteLength} bytes follow where its shape (${shape.join(", ")}) needs ${count * bytesEach}`,
    );
  if (count > MAX_VALUES)
    throw fail(`has ${count} values, at most ${MAX_VALUES} are read`, "use a part of it");
}

/** @param what named in errors. @throws UserError("input-file") */
export function parseNpy(bytes: Uint8Array, what: string): NumpyArray {
  const header = readHeader(bytes, what);
  const { type, shape, count, fortran, body, fail } = header;
  const reader = READERS[type.slice(1)];
  if (reader === undefined || (type.startsWith(">") && reader[0] > 1))
    throw fail("its type is not read here", "numpy: array.astype('<f8')");
  const [size, read] = reader;
  checkSize(header, size);
  const values = new Float64Array(count);
  for (let i = 0; i < count; i++) values[i] = read(body, i * size);
  return { shape, values: fortran ? inCOrder(values, shape) : values };
}

/** Of an array whose first index runs fastest. */
function inCOrder(values: Float64Array, shape: readonly number[]): Float64Array {
  const steps = shape.map((_, axis) => shape.slice(0, axis).reduce((product, size) => product * size, 1));
  const ordered = new Float64Array(values.length);
  const index = new Int32Array(shape.length);
  for (let i = 0; i < ordered.length; i++) {
    let at = 0;
    for (let axis = 0; axis < shape.length; axis++) at += index[axis]! * steps[axis]!;
    ordered[i] = values[at]!;
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      index[axis]!++;
      if (index[axis]! < shape[axis]!) break;
      index[axis] = 0;
    }
  }
  return ordered;
}

/** An array of names or numbers as text, one entry each. @throws UserError("input-file") */
export function parseNpyNames(bytes: Uint8Array, what: string): string[] {
  const header = readHeader(bytes, what);
  const length = Number(/^<U(\d+)$/.exec(header.type)?.[1]);
  if (!(length > 0)) return Array.from(parseNpy(bytes, what).values, String);
  // UCS-4, filled up with zeros.
  checkSize(header, 4 * length);
  return Array.from({ length: header.count }, (_, i) => {
    const codes: number[] = [];
    for (let k = 0; k < length; k++) {
      const code = header.body.getUint32(4 * (i * length + k), true);
      if (code > 0x10ffff) throw header.fail(`entry ${i} is no text`);
      if (code !== 0) codes.push(code);
    }
    return String.fromCodePoint(...codes);
  });
}

/** The bytes of an `.npy` file. `values` in C order; as many as `shape` says. */
export function npyBytes(
  shape: readonly number[],
  values: Float64Array | Int32Array | Int8Array,
): Uint8Array {
  const type = values instanceof Float64Array ? "<f8" : values instanceof Int32Array ? "<i4" : "|i1";
  const tuple = `(${shape.join(", ")}${shape.length === 1 ? "," : ""})`;
  const text = `{'descr': '${type}', 'fortran_order': False, 'shape': ${tuple}, }`;
  // The values begin at a multiple of 64 bytes; a newline ends the header.
  const start = Math.ceil((10 + text.length + 1) / 64) * 64;
  const bytes = new Uint8Array(start + values.byteLength);
  const view = new DataView(bytes.buffer);
  bytes.set([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0]);
  view.setUint16(8, start - 10, true);
  bytes.set(new TextEncoder().encode(`${text.padEnd(start - 11)}\n`), 10);
  const size = values.BYTES_PER_ELEMENT;
  for (let i = 0, at = start; i < values.length; i++, at += size) {
    if (values instanceof Float64Array) view.setFloat64(at, values[i]!, true);
    else if (values instanceof Int32Array) view.setInt32(at, values[i]!, true);
    else view.setInt8(at, values[i]!);
  }
  return bytes;
}

// Half precision --------------------------------------------------------------------------------------------

/** The number that 16 bits of an IEEE 754 binary16 stand for. */
export function halfFloat(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0x1f) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  return sign * (exponent === 0 ? fraction * 2 ** -24 : (1024 + fraction) * 2 ** (exponent - 25));
}
