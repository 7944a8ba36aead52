/**
 * What a measurement says of a chip without noise is what the chip is: a converter that rounds without noise, a bent
 * rise to the threshold and a train of events that ends too early must not enter.
 */

import { describe, expect, it } from "vitest";
import { readRest } from "../../src/calibration/parameters/leak.ts";
import { readStrength } from "../../src/calibration/parameters/strength.ts";
import { readThreshold } from "../../src/calibration/parameters/threshold.ts";
import { openSession } from "../../src/calibration/session.ts";
import { median } from "../../src/calibration/spread.ts";
import { DEFAULT_TARGET } from "../../src/calibration/target.ts";
import type { WordChange } from "../../src/calibration/words.ts";
import { openChip } from "../../src/chip/index.ts";
import { trueNeurons } from "../../src/chip/simulated/probe.ts";

async function idealBench(target = DEFAULT_TARGET) {
  const chip = await openChip({ kind: "ideal" });
  return { chip, session: openSession(chip, target) };
}

describe("on a chip without noise", () => {
  it.each([629, 630, 631, 632])(
    "the resting potential at leak code %i is read to a tenth of an LSB",
    async (leak) => {
      const { chip, session } = await idealBench();
      const read = median(await readRest(session, { leak }, 1));
      expect(Math.abs(read - median(trueNeurons(chip).leak))).toBeLessThan(0.1);
    },
  );

  it("the threshold is read to a tenth of an LSB", async () => {
    const { chip, session } = await idealBench();
    // The recordings of this chip begin when the host thinks that they do.
    session.timing.cadcLagPeriods = 0;
    const read = median(await readThreshold(session, {}, { runs: 1, entries: 1 }));
    expect(Math.abs(read - median(trueNeurons(chip).threshold))).toBeLessThan(0.1);
  });

  // From 12 us on a recording is too long for the fast memory, and the slow one has few samples before the first event.
  it.each([
    ["exc", 6],
    ["inh", 6],
    ["exc", 12],
    ["inh", 30],
  ] as const)("the %s strength is read to a per cent for a target of %i us", async (sign, target) => {
    const { chip, session } = await idealBench({ ...DEFAULT_TARGET, tauMem: target });
    const slow: WordChange = {
      synExcTau: 214,
      synInhTau: 193,
      synExcHighResistance: 1,
      synInhHighResistance: 1,
    };
    await session.configure(slow);
    const { tauMem, tauSynExc, tauSynInh, strengthExc, strengthInh } = trueNeurons(chip);
    const exc = sign === "exc";
    const conditions = { sign, tauMem, tauSyn: exc ? tauSynExc : tauSynInh };
    const read = median(await readStrength(session, slow, conditions, 1));
    expect(Math.abs(read / median(exc ? strengthExc : strengthInh) - 1)).toBeLessThan(
      target > 6 ? 0.01 : 0.005,
    );
  });
});
