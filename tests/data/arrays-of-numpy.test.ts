import { inflateRawSync } from "node:zlib";
import fc from "fast-check";
import { expect, test } from "vitest";
import { npyBytes, parseNpy } from "../../src/data/npy.ts";
import { unzipped } from "../../src/data/unpack.ts";
import { zipArchive } from "../../src/data/zip-archive.ts";

test("an array that is written is read back, whatever its shape and numbers", () => {
  const shape = fc.array(fc.nat({ max: 4 }), { maxLength: 4 });
  fc.assert(
    fc.property(
      shape,
      fc.constantFrom("f8", "i4", "i1"),
      fc.infiniteStream(fc.double()),
      (sizes, type, stream) => {
        const count = sizes.reduce((product, size) => product * size, 1);
        const numbers = Array.from({ length: count }, () => stream.next().value as number);
        const values =
          type === "f8"
            ? new Float64Array(numbers)
            : type === "i4"
              ? new Int32Array(numbers)
              : new Int8Array(numbers);
        const bytes = npyBytes(sizes, values);
        const read = parseNpy(bytes, "a.npy");
        expect(read.shape).toEqual(sizes);
        expect([...read.values]).toEqual([...values]);
        // The values of numpy begin at a multiple of 64 bytes.
        expect((bytes.length - values.byteLength) % 64).toBe(0);
      },
    ),
  );
});

test("an archive that is written is read back, and the same contents give the same bytes", () => {
  const contents = fc.dictionary(fc.string({ minLength: 1 }), fc.uint8Array({ maxLength: 300 }), {
    maxKeys: 6,
  });
  fc.assert(
    fc.property(contents, (record) => {
      const entries = new Map(Object.entries(record));
      const bytes = zipArchive(entries);
      const plain = (map: ReadonlyMap<string, Uint8Array>) =>
        [...map].map(([name, each]) => [name, [...each]]);
      expect(plain(unzipped(bytes, "a.zip"))).toEqual(plain(entries));
      expect(zipArchive(entries)).toEqual(bytes);
    }),
  );
});

test("local headers of an archive say what its table says, for readers that go from entry to entry", () => {
  const content = new TextEncoder().encode("aaaaaaaaaaaaaaaaaaaa");
  const bytes = Buffer.from(zipArchive(new Map([["one", content]])));
  const [packed, size, name] = [bytes.readUInt32LE(18), bytes.readUInt32LE(22), bytes.readUInt16LE(26)];
  expect([size, name]).toEqual([20, 3]);
  expect(inflateRawSync(bytes.subarray(33, 33 + packed)).toString()).toBe("aaaaaaaaaaaaaaaaaaaa");
});
