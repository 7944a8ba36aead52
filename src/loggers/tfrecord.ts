/**
 * TFRecord files: a list of byte strings, each as its length (uint64, little-endian), the masked CRC-32C of that, the
 * bytes, and the masked CRC-32C of them. Source of the format: TensorFlow, tensorflow/core/lib/io/record_writer.h.
 */

/** CRC-32C (Castagnoli, reflected), byte by byte; RFC 3720, appendix B.4. */
const TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte;
  for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0x82f63b78 : crc >>> 1;
  return crc;
});

export function crc32c(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) crc = (crc >>> 8) ^ TABLE[(crc ^ byte) & 0xff]!;
  return (crc ^ 0xffffffff) >>> 0;
}

/** Rotated by 15 bits and offset, so that a checksum over data with checksums in them is sound. */
function masked(bytes: Uint8Array): number {
  const crc = crc32c(bytes);
  return (((crc >>> 15) | (crc << 17)) + 0xa282ead8) >>> 0;
}

const LENGTH = 8;
const CHECKSUM = 4;

export function recordBytes(data: Uint8Array): Uint8Array {
  const record = Buffer.alloc(LENGTH + CHECKSUM + data.length + CHECKSUM);
  record.writeBigUInt64LE(BigInt(data.length), 0);
  record.writeUInt32LE(masked(record.subarray(0, LENGTH)), LENGTH);
  record.set(data, LENGTH + CHECKSUM);
  record.writeUInt32LE(masked(data), LENGTH + CHECKSUM + data.length);
  return record;
}

/** The whole records at the beginning of a file, up to the first one that is cut or damaged. */
export function recordsOf(file: Uint8Array): Uint8Array[] {
  const bytes = Buffer.from(file.buffer, file.byteOffset, file.byteLength);
  const records: Uint8Array[] = [];
  for (let at = 0; at + LENGTH + CHECKSUM <= bytes.length; ) {
    const length = Number(bytes.readBigUInt64LE(at));
    const end = at + LENGTH + CHECKSUM + length + CHECKSUM;
    if (bytes.readUInt32LE(at + LENGTH) !== masked(bytes.subarray(at, at + LENGTH)) || end > bytes.length)
      break;
    const data = bytes.subarray(at + LENGTH + CHECKSUM, end - CHECKSUM);
    if (bytes.readUInt32LE(end - CHECKSUM) !== masked(data)) break;
    records.push(data);
    at = end;
  }
  return records;
}
