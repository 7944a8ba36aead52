/** A zip archive out of named contents (APPNOTE.TXT 6.3.3), deflated; what `unzipped` of unpack.ts and numpy read. */

import { crc32, deflateRawSync } from "node:zlib";
import { UserError } from "../core/errors.ts";

const LOCAL_HEADER = 30;
const TABLE_HEADER = 46;
const TABLE_END = 22;
/** Sizes and places have 32 bits, numbers of entries 16. */
const MAX_BYTES = 0xffff_ffff;
const MAX_ENTRIES = 0xffff;
/** Version 2.0 is what deflation needs; bit 11 says that names are UTF-8; dates begin with 1 January 1980. */
const VERSION = 20;
const UTF8_NAME = 0x0800;
const DEFLATED = 8;
const FIRST_DATE = 0x0021;

/** The same contents give the same bytes. @throws UserError("file") when they are too large */
export function zipArchive(contents: ReadonlyMap<string, Uint8Array>): Uint8Array {
  const entries = [...contents].map(([name, plain]) => {
    const packed = deflateRawSync(plain);
    return { name: new TextEncoder().encode(name), packed, size: plain.length, sum: crc32(plain) };
  });
  const headers = entries.reduce((sum, { name }) => sum + LOCAL_HEADER + TABLE_HEADER + 2 * name.length, 0);
  const length = entries.reduce((sum, { packed }) => sum + packed.length, headers + TABLE_END);
  const largest = entries.reduce((most, { size }) => Math.max(most, size), length);
  if (largest > MAX_BYTES || entries.length > MAX_ENTRIES)
    throw new UserError("file", "the arrays are too large for a zip archive", {
      hint: "write each into a file of its own: --format npy",
    });
  const bytes = new Uint8Array(length);
  const view = new DataView(bytes.buffer);
  /** What both headers of an entry share, from the version on. */
  const describe = (at: number, { name, packed, size, sum }: (typeof entries)[number]): void => {
    view.setUint16(at, VERSION, true);
    view.setUint16(at + 2, UTF8_NAME, true);
    view.setUint16(at + 4, DEFLATED, true);
    view.setUint16(at + 8, FIRST_DATE, true);
    view.setUint32(at + 10, sum, true);
    view.setUint32(at + 14, packed.length, true);
    view.setUint32(at + 18, size, true);
    view.setUint16(at + 22, name.length, true);
  };
  let at = 0;
  const places = entries.map((entry) => {
    const place = at;
    view.setUint32(at, 0x04034b50, true);
    describe(at + 4, entry);
    bytes.set(entry.name, at + LOCAL_HEADER);
    bytes.set(entry.packed, at + LOCAL_HEADER + entry.name.length);
    at += LOCAL_HEADER + entry.name.length + entry.packed.length;
    return place;
  });
  const table = at;
  entries.forEach((entry, i) => {
    view.setUint32(at, 0x02014b50, true);
    view.setUint16(at + 4, VERSION, true);
    describe(at + 6, entry);
    view.setUint32(at + 42, places[i]!, true);
    bytes.set(entry.name, at + TABLE_HEADER);
    at += TABLE_HEADER + entry.name.length;
  });
  view.setUint32(at, 0x06054b50, true);
  view.setUint16(at + 8, entries.length, true);
  view.setUint16(at + 10, entries.length, true);
  view.setUint32(at + 12, at - table, true);
  view.setUint32(at + 16, table, true);
  return bytes;
}
