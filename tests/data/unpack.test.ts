/** Zip archives: what a damaged entry holds is never taken for data. */

import fc from "fast-check";
import { expect, test } from "vitest";
import { unzipped } from "../../src/data/unpack.ts";
import { userErrorOf } from "../engine/temporary-folder.ts";
import { npyBytes, zipBytes } from "./npy-bytes.ts";

const content = npyBytes([1, 2, 3, 4], [4]);

test.each([false, true])("one wrong bit in the content of an entry is found (deflated: %s)", (deflate) => {
  const archive = zipBytes({ "x.npy": content }, { deflate });
  // Packed bytes follow the local header of 30 bytes and the name; the table of contents begins behind them.
  const start = 30 + "x.npy".length;
  const end = Buffer.from(archive).indexOf("PK\x01\x02");
  expect(unzipped(archive, "a.npz").get("x.npy")).toEqual(content);
  const bit = fc.integer({ min: 8 * start, max: 8 * end - 1 });
  fc.assert(
    fc.property(bit, (at) => {
      const damaged = archive.slice();
      damaged[at >> 3]! ^= 1 << (at & 7);
      // Bits that fill up the last byte of deflated data mean nothing.
      const outcome =
        deflate && at >> 3 === end - 1 ? undefined : userErrorOf(() => unzipped(damaged, "a.npz"));
      if (outcome !== undefined)
        expect(outcome.message).toMatch(/a\.npz: .*(checksum|damaged|announced|than it should)/);
    }),
    { numRuns: 100 },
  );
});

test("an entry with another checksum than its table entry says is refused by its name", () => {
  const archive = Buffer.from(zipBytes({ "x.npy": content }));
  const table = archive.indexOf("PK\x01\x02");
  archive[table + 16]! ^= 1;
  expect(userErrorOf(() => unzipped(archive, "a.npz")).message).toMatch(
    /a\.npz: the entry x\.npy is damaged.*CRC-32/,
  );
});
