/** Circuits that share a membrane: the physics of their sum, and what the words allow. */

import { describe, expect, it } from "vitest";
import { copyConfig } from "../../src/chip/config.ts";
import { couplingsOf } from "../../src/chip/couplings.ts";
import { defaultConfig } from "../../src/chip/default-config.ts";
import { ideal } from "../../src/chip/ideal.ts";
import { createKernel } from "../../src/chip/kernel/host.ts";
import { simulated } from "../../src/chip/simulated/index.ts";
import { trueNeurons } from "../../src/chip/simulated/probe.ts";
import type { Chip, ChipConfig } from "../../src/chip/types.ts";
import { HIDDEN, smallBatch, smallNetwork } from "./small-network.ts";

const FIRST = 100;

/** Default words with circuits 100 … 100 + size − 1 connected. */
function connected(size: number, change: (config: ChipConfig) => void = () => {}): ChipConfig {
  const config = copyConfig(defaultConfig());
  config.couplings.fill(1, FIRST, FIRST + size - 1);
  change(config);
  return config;
}

async function opened(config: ChipConfig, chip: Chip = ideal.create({}, createKernel())): Promise<Chip> {
  await chip.configure(config);
  return chip;
}

describe("a membrane of several circuits", () => {
  it("has the sum of the capacitances and conductances; each synapse acts on the sum", async () => {
    const alone = trueNeurons(await opened(connected(1)));
    const coupled = trueNeurons(await opened(connected(4)));
    expect(coupled.tauMem[FIRST]).toBeCloseTo(alone.tauMem[FIRST]!, 9);
    expect(coupled.strengthExc[FIRST]).toBeCloseTo(alone.strengthExc[FIRST]! / 4, 12);
    expect([...coupled.gainExc.subarray(FIRST, FIRST + 4)]).toEqual([1, 1, 1, 1]);
    expect(coupled.leak[FIRST]).toBeCloseTo(80, 9);
  });

  it("grows slower by the parasitic capacitance of a circuit whose own capacitance and leak are off", async () => {
    const quiet = ({ neurons }: ChipConfig): void => {
      neurons.capacitance.fill(0, FIRST + 1, FIRST + 5);
      neurons.leakBias.fill(0, FIRST + 1, FIRST + 5);
    };
    const alone = trueNeurons(await opened(connected(1)));
    const five = trueNeurons(await opened(connected(5, quiet)));
    // 69.3 + 4 · 6.3 LSB: calix finds a quarter more for five circuits.
    expect(five.tauMem[FIRST]! / alone.tauMem[FIRST]!).toBeCloseTo((69.3 + 4 * 6.3) / 69.3, 2);
  });

  it("rests where the leaks of its circuits balance", async () => {
    const apart = ({ neurons }: ChipConfig): void => {
      neurons.leak[FIRST + 1] = neurons.leak[FIRST]! + 100;
    };
    const { leak } = trueNeurons(await opened(connected(2, apart)));
    expect(leak[FIRST]).toBeCloseTo(80 + (0.33 * 100) / 2, 6);
  });

  it("keeps the charge of every circuit's synapses whatever the mismatch", async () => {
    const chip = (): Chip => simulated.create({ seed: 3, noise: 0 }, createKernel());
    const alone = trueNeurons(await opened(connected(1), chip()));
    const coupled = trueNeurons(await opened(connected(4), chip()));
    const charge = (n: number): number => alone.strengthExc[n]! * alone.tauSynExc[n]!;
    const circuits = [FIRST, FIRST + 1, FIRST + 2, FIRST + 3];
    // Relative to each other: what a circuit does acts on one capacitance, its own capacitance no longer counts.
    const onSum = circuits.map(
      (n) => coupled.gainExc[n]! * coupled.strengthExc[FIRST]! * coupled.tauSynExc[FIRST]!,
    );
    const ratios = onSum.map((value, k) => value / charge(circuits[k]!));
    expect(ratios.reduce((sum, ratio) => sum + ratio, 0)).toBeCloseTo(1, 1);
    for (const ratio of ratios) expect(Math.abs(ratio - 0.25)).toBeLessThan(0.02);
    expect(
      Math.max(...coupled.gainExc) / Math.min(...coupled.gainExc.subarray(FIRST, FIRST + 4)),
    ).toBeGreaterThan(1.05);
  });

  it("is read alike through each of its columns, and events of any column move it", async () => {
    const config = smallNetwork();
    const neuron = HIDDEN[0]!;
    const column = neuron + 1;
    config.couplings[neuron] = 1;
    const chip = await opened(config);
    const keep = Int32Array.of(neuron, column);
    const options = { spikes: false, cadc: { memory: "sram", recordedNeurons: keep } } as const;
    const before = await chip.run(smallBatch(2), options);
    const codes = Array.from(before.cadc!.code);
    expect(codes.filter((_, i) => i % 2 === 0)).toEqual(codes.filter((_, i) => i % 2 === 1));
    for (let row = 0; row < 256; row += 2) {
      config.synapses.label[row * 256 + column] = config.synapses.label[row * 256 + neuron]!;
      config.synapses.weight[row * 256 + column] = 20;
    }
    await chip.configure({ synapses: config.synapses });
    const after = await chip.run(smallBatch(2), options);
    expect(Array.from(after.cadc!.code)).not.toEqual(codes);
  });
});

describe("words that are refused", () => {
  it("a switch where the columns end, and spikes of another circuit than the first", async () => {
    const chip = await opened(connected(1));
    const switches = new Uint8Array(512);
    switches[127] = 1;
    await expect(chip.configure({ couplings: switches })).rejects.toThrow(/couplings\[127\] is 1/);
    const config = connected(2);
    config.neurons.thresholdOn[FIRST + 1] = 1;
    await expect(chip.configure(config)).rejects.toThrow(/neuron 101 shares the membrane of neuron 100/);
  });

  it("the synaptic line of a coupled circuit", async () => {
    const chip = await opened(connected(2));
    const run = chip.run(smallBatch(1), { spikes: false, madc: { neuron: FIRST, source: "synapse-exc" } });
    await expect(run).rejects.toThrow(/synaptic line of neuron 100/);
  });
});

it("circuits that hang together", () => {
  const switches = new Uint8Array(512);
  switches[3] = switches[4] = 1;
  const { first, size, any } = couplingsOf(switches);
  expect([...first.subarray(2, 8)]).toEqual([2, 3, 3, 3, 6, 7]);
  expect([...size.subarray(2, 8)]).toEqual([1, 3, 0, 0, 1, 1]);
  expect(any).toBe(true);
  expect(couplingsOf(new Uint8Array(512)).any).toBe(false);
});
