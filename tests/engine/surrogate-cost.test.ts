import { describe, expect, it } from "vitest";
import { openChip } from "../../src/chip/index.ts";
import { rowBytes, surrogateBytes } from "../../src/engine/surrogate-cost.ts";
import { placeNetwork } from "../../src/mapping/place.ts";
import { buildNetwork } from "../../src/network/network.ts";
import { li, lif } from "../network/samples.ts";

describe("what converter rows cost", () => {
  // From 5 us before the sample to 2 us after its 38 us there are 27 rows, 1.7 us apart, or 8, 6 us apart. Each has 128
  // bytes of time and 256 codes, a recording 128 bytes of length, and each byte takes two of the trace memory.
  it("is counted per half of the chip, from 5 us before the sample to 2 us after it", () => {
    expect(rowBytes(38, 1, "sram")).toBe(2 * (27 * 384 + 128));
    expect(rowBytes(38, 2, "sram")).toBe(4 * (27 * 384 + 128));
    expect(rowBytes(38, 1, "dram")).toBe(2 * (8 * 384 + 128));
    expect(rowBytes(38, 0, "sram")).toBe(0);
  });

  it("ends with the room of the fast memory", () => {
    expect(rowBytes(1000, 1, "sram")).toBe(2 * (100 * 384 + 128));
  });

  it.each(["sram", "dram"] as const)("is what a chip says it sent, %s", async (memory) => {
    const chip = await openChip({ kind: "ideal" });
    try {
      const duration = 38;
      const batch = {
        entries: 2,
        duration: duration / 0.008,
        offset: new Int32Array(3),
        tick: new Int32Array(0),
        label: new Uint16Array(0),
      };
      const { health } = await chip.run(batch, {
        spikes: true,
        cadc: { memory, recordedNeurons: Int32Array.of(0, 300) },
      });
      expect(health.cadcBytes).toBe(batch.entries * rowBytes(duration, 2, memory));
    } finally {
      await chip.close();
    }
  });
});

describe("what a surrogate gradient would cost", () => {
  it("is the rows of every half in use, and a byte per neuron and row of the sample", () => {
    const network = buildNetwork(
      5,
      [lif("hidden", 120), li("readout", 3)],
      [
        { from: "input", to: "hidden", rows: 5 },
        { from: "hidden", to: "readout", rows: 1 },
      ],
      38,
    );
    const { observed, kept } = surrogateBytes(network, placeNetwork(network), "sram");
    expect(observed).toBe(4 * (27 * 384 + 128));
    expect(kept).toBe(23 * 123);
  });
});
