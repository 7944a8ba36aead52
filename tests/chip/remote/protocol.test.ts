import fc from "fast-check";
import { expect, test } from "vitest";
import { createMessageReader, encodeMessage, type Message } from "../../../src/chip/remote/protocol.ts";
import { UserError } from "../../../src/core/errors.ts";

const arrays = fc.oneof(
  fc.int8Array(),
  fc.uint8Array(),
  fc.uint16Array(),
  fc.int32Array(),
  fc.float64Array({ noNaN: true }),
);
const value = fc.oneof(
  fc.string(),
  fc.integer(),
  fc.boolean(),
  fc.constant(null),
  arrays,
  fc.array(arrays, { maxLength: 3 }),
);
const messages = fc
  .dictionary(fc.stringMatching(/^[a-z]{1,8}$/), value, { maxKeys: 6, noNullPrototype: true })
  .map((fields): Message => ({ ...fields, type: "any" }));

test("messages arrive as they were sent, however the bytes are cut", () => {
  fc.assert(
    fc.property(
      fc.array(messages, { minLength: 1, maxLength: 4 }),
      fc.integer({ min: 1, max: 40 }),
      (sent, size) => {
        const bytes = Buffer.concat(sent.flatMap(encodeMessage));
        const read = createMessageReader();
        const received: Message[] = [];
        for (let at = 0; at < bytes.length; at += size) received.push(...read(bytes.subarray(at, at + size)));
        expect(received).toEqual(sent);
      },
    ),
    { numRuns: 60, seed: 1 },
  );
});

test("no byte of a message can be changed into a crash or a claim of memory", () => {
  const bytes = Buffer.concat(
    encodeMessage({ type: "load", words: Uint16Array.of(1, 2, 3), rest: { more: Int8Array.of(4) } }),
  );
  fc.assert(
    fc.property(fc.nat(bytes.length - 1), fc.integer({ min: 0, max: 255 }), (at, byte) => {
      const changed = Buffer.from(bytes);
      changed[at] = byte;
      try {
        createMessageReader()(changed);
      } catch (error) {
        expect(error).toBeInstanceOf(UserError);
        expect((error as UserError).code).toBe("chip");
      }
    }),
    { numRuns: 500, seed: 1 },
  );
});

test.each([
  ["another protocol", Buffer.from("HTTP/1.1 400 Bad Request\r\n"), "do not begin with EVP1"],
  ["four gigabytes of arrays", head(8, 0xfffffff8), "claims 4294967288 bytes"],
  ["text that is no JSON", Buffer.concat([head(8, 0), Buffer.from("{,,,,,,}")]), "cannot be read"],
  [
    "an array that is not there",
    Buffer.concat([head(40, 0), Buffer.from('{"type":"a","b":{"$":"Int8Array","n":9}}')]),
    "longer than its bytes",
  ],
  [
    "an array of functions",
    Buffer.concat([head(40, 0), Buffer.from('{"type":"a","b":{"$":"__proto__","n":0}}')]),
    "__proto__",
  ],
])("refuses %s", (_, bytes, reason) => {
  expect(() => createMessageReader()(bytes)).toThrow(reason);
});

function head(json: number, body: number): Buffer {
  const bytes = Buffer.alloc(12);
  bytes.write("EVP1", 0, "latin1");
  bytes.writeUInt32LE(json, 4);
  bytes.writeUInt32LE(body, 8);
  return bytes;
}
