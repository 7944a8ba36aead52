import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Checkpoint, readCheckpoint, writeCheckpoint } from "../../src/engine/checkpoint.ts";
import { temporaryFolder, userErrorOf } from "./temporary-folder.ts";

const path = join(temporaryFolder(), "checkpoint.json");

const checkpoint: Checkpoint = {
  experiment: "ab12",
  epoch: 3,
  step: 300,
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
  const readAfter = (change: (text: string) => string) => {
    writeCheckpoint(path, checkpoint);
    writeFileSync(path, change(readFileSync(path, "utf8")));
    return userErrorOf(() => readCheckpoint(path));
  };

  it.each([
    ["cut", (text: string) => text.slice(0, -20), /is corrupt/],
    ["cut at the start", () => "", /is not a checkpoint/],
    ["edited", (text: string) => text.replace('"epoch":3', '"epoch":4'), /digest does not match/],
    [
      "edited in its weights",
      (text: string) => text.replace(/"data":"../, '"data":"AB'),
      /digest does not match/,
    ],
    ["without a body", (text: string) => text.replace(/,"body".*/s, "}"), /digest does not match/],
    [
      "of another version",
      (text: string) => text.replace('"version":1', '"version":2'),
      /version 2, .* version 1/,
    ],
    ["something else", () => '{"format":"model"}', /is not a checkpoint/],
  ])("%s is refused", (_, change, message) => {
    const error = readAfter(change);
    expect(error.code).toBe("file");
    expect(error.exitCode).toBe(6);
    expect(error.message).toMatch(message);
    expect(error.hint).toBeDefined();
  });

  it("missing is refused", () => {
    const nowhere = join(path, "..", "none.json");
    expect(existsSync(nowhere)).toBe(false);
    expect(userErrorOf(() => readCheckpoint(nowhere)).message).toMatch(/cannot be read/);
  });
});
