/** Arrays and archives as numpy writes them, made here byte by byte, after the description of its formats. */

import { crc32, deflateRawSync } from "node:zlib";

export function npyBytes(values: readonly number[], shape: readonly number[]): Uint8Array {
  const tuple = `(${shape.join(", ")}${shape.length === 1 ? "," : ""})`;
  const text = `{'descr': '<f8', 'fortran_order': False, 'shape': ${tuple}, }`;
  const header = `${text.padEnd(128 - 10 - 1)}\n`;
  const body = new DataView(new ArrayBuffer(8 * values.length));
  values.forEach((value, i) => {
    body.setFloat64(8 * i, value, true);
  });
  return Buffer.concat([
    Buffer.from([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0, header.length, 0]),
    Buffer.from(header),
    new Uint8Array(body.buffer),
  ]);
}

/** A zip archive; `claimed` replaces the announced size of every entry. */
export function zipBytes(
  entries: Readonly<Record<string, Uint8Array>>,
  { deflate = false, claimed }: { readonly deflate?: boolean; readonly claimed?: number } = {},
): Uint8Array {
  const parts: Buffer[] = [];
  const contents: Buffer[] = [];
  let at = 0;
  for (const [name, plain] of Object.entries(entries)) {
    const packed = deflate ? deflateRawSync(plain) : Buffer.from(plain);
    const fixed = Buffer.alloc(26);
    fixed.writeUInt16LE(20, 0);
    fixed.writeUInt16LE(deflate ? 8 : 0, 4);
    fixed.writeUInt32LE(crc32(plain), 10);
    fixed.writeUInt32LE(packed.length, 14);
    fixed.writeUInt32LE(claimed ?? plain.length, 18);
    fixed.writeUInt16LE(name.length, 22);
    const local = Buffer.concat([Buffer.from("PK\x03\x04"), fixed, Buffer.from(name), packed]);
    const place = Buffer.alloc(14);
    place.writeUInt32LE(at, 10);
    const made = Buffer.from([20, 0]);
    contents.push(Buffer.concat([Buffer.from("PK\x01\x02"), made, fixed, place, Buffer.from(name)]));
    parts.push(local);
    at += local.length;
  }
  const table = Buffer.concat(contents);
  const end = Buffer.alloc(18);
  end.writeUInt16LE(contents.length, 4);
  end.writeUInt16LE(contents.length, 6);
  end.writeUInt32LE(table.length, 8);
  end.writeUInt32LE(at, 12);
  return Buffer.concat([...parts, table, Buffer.from("PK\x05\x06"), end]);
}
