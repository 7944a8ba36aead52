/** The layout that is generated from the list of assembly/memory.js holds what the kernel takes for granted. */

import { expect, it } from "vitest";
import { INTEGER_ARRAYS, REAL_ARRAYS } from "../../../src/chip/kernel/lane-arrays.ts";
import * as layout from "../../../src/chip/kernel/layout.ts";

const VECTOR = 16;

/** Each array next to the one before it. */
function neighbors(...addresses: readonly number[]): void {
  expect(addresses).toEqual(addresses.map((_, k) => addresses[0]! + k * layout.STRIDE));
}

it("lane arrays stand apart, and vectors in them are aligned", () => {
  const arrays = [...Object.values(REAL_ARRAYS), ...Object.values(INTEGER_ARRAYS)].sort((a, b) => a - b);
  expect(arrays.length).toBeGreaterThan(60);
  arrays.forEach((address, k) => {
    expect(address % VECTOR).toBe(0);
    if (k > 0) expect(address - arrays[k - 1]!).toBeGreaterThanOrEqual(layout.STRIDE);
  });
});

it("a chip of 512 neurons fits, of which one begins a vector of the second group", () => {
  expect(layout.STRIDE).toBe(4 * layout.LANES);
  expect(layout.GATHERED / 4).toBeGreaterThanOrEqual(512 + 4);
});

it("arrays that are reached from their first one follow each other", () => {
  const { AM, AE, AI, PE, PI, STEP_NOISE } = layout;
  neighbors(AM, AE, AI, PE, PI, STEP_NOISE);
  neighbors(layout.KNEE_E, layout.WIDTH_E, layout.BEND_E);
  neighbors(layout.KNEE_I, layout.WIDTH_I, layout.BEND_I);
  neighbors(layout.WORDS, layout.OLD_E, layout.OLD_I, layout.NOISE);
  expect(layout.CUT_BYTES).toBe(6 * layout.STRIDE);
  expect(layout.SAMPLES_1 + (layout.SAMPLE_END - layout.SAMPLES)).toBeLessThan(layout.TRACES);
});

it("the slots of cut steps end before what follows them", () => {
  const end = layout.CUT + layout.AM + layout.CUT_SLOTS * layout.CUT_BYTES;
  expect(end).toBeLessThanOrEqual(layout.TEMPORARY);
  expect(layout.TEMPORARY + VECTOR * layout.TEMPORARIES).toBeLessThanOrEqual(layout.BUFFERS);
});
