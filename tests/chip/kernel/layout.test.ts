/** Nothing of the kernel's memory lies in the place of something else. The regions are those that layout.ts exports. */

import { describe, expect, it } from "vitest";
import * as layout from "../../../src/chip/kernel/layout.ts";

const ARRAY = 4 * layout.LANES;
const VECTOR = 16;

/** Exports beyond the header that are no regions of their own. */
const NO_REGION = new Set([
  "LANE_ARRAYS",
  "STRIDE",
  "GATHERED",
  "CUT",
  "CUT_BYTES",
  "TEMPORARIES",
  "BUFFERS",
  // In the place of OLD_X … NOISE.
  "WORDS",
]);

/** Bytes of what is neither a field of 4 bytes in the header nor an array of 4 bytes a lane behind it. */
const OTHER_SIZES: Readonly<Record<string, number>> = {
  NOISE_KEY: 16,
  STEP: 8,
  DURATION: 8,
  MEMBRANE_STREAM: 4 * VECTOR,
  EVENT_STREAM: 4 * VECTOR,
  SAMPLE_STREAM: 4 * VECTOR,
  PROPAGATOR: 5 * VECTOR,
  SCRATCH: 6 * VECTOR,
  RELEASE_TIME: 2 * ARRAY,
  PATHS: (layout.LANES / 4) * layout.PATH_BYTES,
  SERIES: 4 * VECTOR,
  NOWHERE: VECTOR,
  CUT_LENGTH: 4 * layout.CUT_SLOTS,
  TEMPORARY: VECTOR * layout.TEMPORARIES,
};

interface Region {
  readonly name: string;
  readonly from: number;
  readonly to: number;
}

function region(name: string, from: number): Region {
  return { name, from, to: from + (OTHER_SIZES[name] ?? (from < layout.LANE_ARRAYS ? 4 : ARRAY)) };
}

const SLOTS = layout.CUT + layout.AM;
const addresses = Object.entries(layout).filter(
  ([name, value]) => value >= layout.VECTORS_0 && !NO_REGION.has(name),
);
const ofGroup1 = addresses.filter(([name]) => name.startsWith("SAMPLE") && !name.endsWith("STREAM"));
const regions: readonly Region[] = [
  ...addresses.map(([name, from]) => region(name, from)),
  ...ofGroup1.map(([name, from]) => region(`${name} of group 1`, from + layout.GROUP_STRIDE)),
  { name: "slots of cut steps", from: SLOTS, to: SLOTS + layout.CUT_SLOTS * layout.CUT_BYTES },
].sort((one, other) => one.from - other.from);

describe("regions of the kernel's memory", () => {
  it("do not overlap, and end where the buffers begin", () => {
    for (let k = 1; k < regions.length; k++) {
      const [before, after] = [regions[k - 1]!, regions[k]!];
      expect(before.to, `${before.name}, then ${after.name}`).toBeLessThanOrEqual(after.from);
    }
    expect(regions.at(-1)?.to).toBeLessThanOrEqual(layout.BUFFERS);
  });

  it("are all there", () => {
    expect(ofGroup1).toHaveLength(6);
    expect(regions.length).toBeGreaterThan(100);
    for (const name of Object.keys(OTHER_SIZES)) expect(regions.map((own) => own.name)).toContain(name);
  });

  it("are aligned to the vectors and numbers that are loaded from them", () => {
    for (const { name, from, to } of regions) {
      const unit = name === "NOISE_KEY" ? 4 : Math.min(to - from, VECTOR);
      expect(from % unit, name).toBe(0);
    }
    for (const bytes of [layout.STRIDE, layout.GATHERED, layout.CUT_BYTES, layout.PATH_BYTES, layout.BUFFERS])
      expect(bytes % VECTOR).toBe(0);
  });
});

describe("lane arrays", () => {
  it("have the stride of their lanes, the last vector for what is gathered", () => {
    expect(layout.STRIDE).toBe(ARRAY);
    expect(layout.GATHERED).toBe(ARRAY - VECTOR);
    // 512 neurons in two groups, of which one begins a vector for one neuron.
    expect(layout.GATHERED / 4).toBeGreaterThanOrEqual(512 + 4);
  });

  it("of a full step are followed by each other, as those of a slot are", () => {
    const { AM, AE, AI, PE, PI, KICK, STRIDE } = layout;
    expect([AM, AE, AI, PE, PI, KICK]).toEqual([0, 1, 2, 3, 4, 5].map((k) => AM + k * STRIDE));
    expect(layout.CUT_BYTES).toBe(6 * STRIDE);
    expect(SLOTS).toBe(layout.CUT_LENGTH + 4 * layout.CUT_SLOTS);
  });

  it("of the start of a step have room for four words a lane", () => {
    const { OLD_X, OLD_E, OLD_I, NOISE, STRIDE } = layout;
    expect([OLD_E, OLD_I, NOISE]).toEqual([1, 2, 3].map((k) => OLD_X + k * STRIDE));
    expect(layout.WORDS).toBe(OLD_X);
  });

  it("of a path fit its bytes", () => {
    const { PATH_HEIGHT, PATH_RISE, PATH_FIRST, PATH_LAST, PATH_BEND, PATH_VARIANCE, PATH_BYTES } = layout;
    expect([PATH_HEIGHT, PATH_RISE, PATH_FIRST, PATH_LAST, PATH_BEND, PATH_VARIANCE, PATH_BYTES]).toEqual(
      [0, 1, 2, 3, 4, 5, 6].map((k) => k * VECTOR),
    );
  });
});
