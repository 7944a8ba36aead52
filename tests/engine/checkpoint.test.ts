import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createFolder } from "../../src/core/durable-files.ts";
import { type Checkpoint, readCheckpoint, writeCheckpoint } from "../../src/engine/checkpoint.ts";
import { temporaryFolder, userErrorOf } from "./temporary-folder.ts";

const path = join(temporaryFolder(), "checkpoint.bin");

const checkpoint: Checkpoint = {
  identity: {
    experiment: "ab12",
    epochs: 5,
    files: [{ key: "data.path", path: "/a/b.csv", fromFolder: "../b.csv", sha256: "cd" }],
    calibrations: ["ef"],
    program: { version: "0.1.0", hash: "01" },
  },
  epoch: 3,
  step: 300,
  ended: false,
  wallSeconds: 1.5,
  metrics: { bytes: 12, sha256: "ab" },
  weights: Float64Array.from([0.1, -0, Number.MIN_VALUE, 1e300]),
  optimizer: { kind: "adam", first: Float64Array.from([1 / 3]), second: new Float64Array(0), step: 300 },
  extra: { best: 0.95, runs: Int32Array.from([-1, 7]), averaged: null, names: ["a", "b"], done: false },
};

describe("a checkpoint", () => {
  it("comes back bit for bit", () => {
    writeCheckpoint(path, checkpoint);
    expect(readCheckpoint(path)).toEqual(checkpoint);
    expect(Object.is(readCheckpoint(path).weights[1], -0)).toBe(true);
  });

  it("keeps any weights, also as a view into a larger or shared buffer", () => {
    fc.assert(
      fc.property(fc.float64Array(), fc.nat(3), (values, skip) => {
        const shared = new Float64Array(new SharedArrayBuffer(8 * (values.length + skip)), 8 * skip);
        shared.set(values);
        writeCheckpoint(path, { ...checkpoint, weights: shared });
        const read = readCheckpoint(path).weights;
        expect(new Uint8Array(read.buffer)).toEqual(
          new Uint8Array(values.buffer, values.byteOffset, values.byteLength),
        );
      }),
      { numRuns: 30 },
    );
  });

  it("does not hold numbers that JSON would lose", () => {
    expect(() => writeCheckpoint(path, { ...checkpoint, extra: Number.NaN })).toThrow(/cannot hold NaN/);
    expect(() => writeCheckpoint(path, { ...checkpoint, extra: [1 / 0] })).toThrow(/cannot hold Infinity/);
  });
});

describe("a bad checkpoint", () => {
  const refusalAfter = (change: (bytes: Buffer) => Uint8Array) => {
    writeCheckpoint(path, checkpoint);
    writeFileSync(path, change(readFileSync(path)));
    const error = userErrorOf(() => readCheckpoint(path));
    expect([error.code, error.exitCode, error.hint !== undefined]).toEqual(["file", 6, true]);
    return error.message;
  };
  const textually = (change: (text: string) => string) => (bytes: Buffer) =>
    Buffer.from(change(bytes.toString("latin1")), "latin1");

  it.each([
    ["cut", (text: string) => text.slice(0, -20), /is damaged/],
    ["cut at the start", () => "", /is not a checkpoint/],
    ["edited", (text: string) => text.replace('"epoch":3', '"epoch":4'), /digest does not match/],
    ["without a body", (text: string) => text.slice(0, text.indexOf("\n") + 1), /digest does not match/],
    [
      "of another version",
      (text: string) => text.replace('"version":3', '"version":4'),
      /version 4, .* version 3/,
    ],
    ["something else", () => '{"format":"model"}', /is not a checkpoint/],
  ])("%s is refused", (_, change, message) => {
    expect(refusalAfter(textually(change))).toMatch(message);
  });

  it("with any one byte changed is refused", () => {
    writeCheckpoint(path, checkpoint);
    const { length } = readFileSync(path);
    fc.assert(
      fc.property(fc.nat(length - 1), fc.integer({ min: 1, max: 255 }), (at, flip) => {
        refusalAfter((bytes) => {
          bytes[at] = bytes[at]! ^ flip;
          return bytes;
        });
      }),
      { numRuns: 60 },
    );
  });

  it("missing is refused, also where one of an earlier version lies", () => {
    const nowhere = join(path, "..", "none", "checkpoint.bin");
    expect(userErrorOf(() => readCheckpoint(nowhere)).message).toMatch(/cannot be read/);
    createFolder(join(path, "..", "none"));
    writeFileSync(join(path, "..", "none", "checkpoint.json"), "{}");
    expect(userErrorOf(() => readCheckpoint(nowhere)).message).toMatch(/earlier version/);
  });
});
