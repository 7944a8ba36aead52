/** Magnitudes at the ends of their ranges: a chip that nobody would build still runs, or it is refused in words. */

import { expect, test } from "vitest";
import { openChip } from "../../../src/chip/index.ts";
import { EFFECTS } from "../../../src/chip/simulated/effects.ts";
import { UserError } from "../../../src/core/errors.ts";
import { HIDDEN, READOUT, smallBatch, smallNetwork } from "../small-network.ts";

const ENDS = Object.entries(EFFECTS).flatMap(([name, { minimum, maximum }]) => [
  [name, minimum],
  [name, maximum],
]) as [string, number][];

test.each(ENDS)("a network runs on a chip with %s = %d", async (name, magnitude) => {
  expect(magnitude).toBeLessThanOrEqual(1e4);
  try {
    const chip = await openChip({ kind: "simulated", effects: { [name]: magnitude } });
    await chip.configure(smallNetwork());
    const { spikes } = await chip.run(smallBatch(3), {
      spikes: true,
      cadc: { memory: "sram", recordedNeurons: Int32Array.from([...HIDDEN, ...READOUT]) },
    });
    expect(Array.from(spikes.tick.slice(0, spikes.count)).every((tick) => tick >= 0)).toBe(true);
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
  }
});
