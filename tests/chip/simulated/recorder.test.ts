import { expect, test } from "vitest";
import { openChip } from "../../../src/chip/index.ts";
import type { Chip } from "../../../src/chip/types.ts";
import { HIDDEN, READOUT, smallBatch, smallNetwork } from "../small-network.ts";

const ENTRIES = 3;
const batch = smallBatch(ENTRIES);
const noiseKey = { run: 1, sample: Int32Array.from({ length: ENTRIES }, (_, entry) => entry) };

async function open(): Promise<Chip> {
  const chip = await openChip({ kind: "simulated", seed: 5 });
  await chip.configure(smallNetwork());
  return chip;
}

async function record(chip: Chip, keep: Int32Array, acausal: boolean): Promise<Uint8Array> {
  const { cadc } = await chip.run(batch, {
    spikes: true,
    noiseKey,
    cadc: { memory: "sram", recordedNeurons: keep, acausal },
  });
  return (cadc as NonNullable<typeof cadc>).code.slice();
}

// All but those with readouts leave the simulated neurons as they are: HIDDEN send their spikes to the host anyway.
test("a recording is that of a chip that has recorded nothing before, whatever was kept then", async () => {
  const chip = await open();
  const [one, other, last] = [HIDDEN.slice(0, 3), HIDDEN.slice(6, 9), HIDDEN.slice(9)];
  for (const [keep, acausal] of [
    [one, false],
    [other, false],
    [last, true],
    [last, false],
    [one, false],
    [READOUT, false],
    [Int32Array.of(...other.toReversed(), ...READOUT), false],
    [new Int32Array(0), false],
    [other, false],
  ] as const) {
    expect(await record(chip, keep, acausal)).toEqual(await record(await open(), keep, acausal));
  }
});
