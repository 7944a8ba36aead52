/** Bytes out of gzip and zip files, never more than announced: a small file may claim to hold anything. */

import { constants, crc32, gunzipSync, inflateRawSync } from "node:zlib";
import { UserError } from "../core/errors.ts";

/** Larger contents would not fit into memory beside what is made of them. */
const MAX_UNPACKED = 1024 * 2 ** 20;

const isGzip = (bytes: Uint8Array): boolean => bytes[0] === 0x1f && bytes[1] === 0x8b;

/** `bytes`, unpacked if they are gzip. @param most bytes that they may become. @throws UserError("input-file") */
export function gunzipped(bytes: Uint8Array, file: string, most = MAX_UNPACKED): Uint8Array {
  return isGzip(bytes)
    ? unpacked(() => gunzipSync(bytes, { maxOutputLength: Math.max(1, most) }), file)
    : bytes;
}

/** What `bytes` begin with, unpacked if they are gzip: for headers that say how much follows. */
export function beginning(bytes: Uint8Array, file: string): Uint8Array {
  const part = bytes.subarray(0, 4096);
  if (!isGzip(bytes)) return part;
  // A packed byte becomes at most 1032: this is at most 4 MiB.
  return unpacked(() => gunzipSync(part, { finishFlush: constants.Z_SYNC_FLUSH }), file);
}

/**
 * The entries of a zip archive by name (APPNOTE.TXT 6.3.3, stored or deflated, without zip64 and encryption).
 * @throws UserError("input-file")
 */
export function unzipped(bytes: Uint8Array, file: string): ReadonlyMap<string, Uint8Array> {
  const fail = (problem: string): UserError => new UserError("input-file", `${file}: ${problem}`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let end = bytes.length - 22;
  const first = Math.max(0, end - 65_535);
  while (end >= first && view.getUint32(end, true) !== 0x06054b50) end--;
  if (end < first || end < 0) throw fail("is not a zip archive, or is cut short");
  const count = view.getUint16(end + 10, true);
  let at = view.getUint32(end + 16, true);
  let total = 0;
  const entries = new Map<string, Uint8Array>();
  for (let i = 0; i < count; i++) {
    if (at + 46 > bytes.length || view.getUint32(at, true) !== 0x02014b50)
      throw fail("its table of contents is damaged");
    const [method, sum, packed, size] = [
      view.getUint16(at + 10, true),
      view.getUint32(at + 16, true),
      view.getUint32(at + 20, true),
      view.getUint32(at + 24, true),
    ];
    const [nameLength, extra, comment] = [28, 30, 32].map((field) => view.getUint16(at + field, true));
    const local = view.getUint32(at + 42, true);
    const name = new TextDecoder().decode(bytes.subarray(at + 46, at + 46 + nameLength!));
    at += 46 + nameLength! + extra! + comment!;
    total += size;
    if (total > MAX_UNPACKED) throw fail(`unpacks to more than ${MAX_UNPACKED / 2 ** 20} MiB`);
    if (local + 30 > bytes.length) throw fail(`the entry ${name} is damaged`);
    const start = local + 30 + view.getUint16(local + 26, true) + view.getUint16(local + 28, true);
    const content = bytes.subarray(start, start + packed);
    if (content.length < packed) throw fail(`the entry ${name} is cut short`);
    if (method !== 0 && method !== 8)
      throw fail(`the entry ${name} is packed in a way that is not read here`);
    const plain =
      method === 0 ? content : unpacked(() => inflateRawSync(content, { maxOutputLength: size + 1 }), file);
    if (plain.length !== size) throw fail(`the entry ${name} has not the size that is announced`);
    if (crc32(plain) !== sum)
      throw fail(`the entry ${name} is damaged: its checksum (CRC-32) does not match`);
    entries.set(name, plain);
  }
  return entries;
}

function unpacked(unpack: () => Uint8Array, file: string): Uint8Array {
  try {
    return unpack();
  } catch (cause) {
    const large = (cause as NodeJS.ErrnoException).code === "ERR_BUFFER_TOO_LARGE";
    const problem = large ? "unpacks to more than it should" : "is packed data, but damaged";
    throw new UserError("input-file", `${file}: ${problem}`, { cause });
  }
}
