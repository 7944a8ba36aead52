import { describe, expect, test } from "vitest";
import { defaultConfig } from "../../src/chip/default-config.ts";
import { openChip } from "../../src/chip/index.ts";
import { CROSSBAR_OUTPUTS } from "../../src/chip/limits.ts";
import { effectsWith } from "../../src/chip/simulated/effects.ts";
import { trueNeurons, trueRead, trueWeight } from "../../src/chip/simulated/probe.ts";
import type { Chip, RunOptions, SpikeBatch } from "../../src/chip/types.ts";
import { HIDDEN, inputLabel, READOUT, smallBatch, smallNetwork } from "./small-network.ts";

const SILENT: SpikeBatch = {
  entries: 20,
  duration: 2500,
  offset: new Int32Array(21),
  tick: new Int32Array(0),
  label: new Uint16Array(0),
};

async function codes(chip: Chip, batch: SpikeBatch, keep: Int32Array, more: Partial<RunOptions> = {}) {
  const { cadc } = await chip.run(batch, {
    spikes: true,
    cadc: { memory: "sram", recordedNeurons: keep },
    ...more,
  });
  return (cadc as NonNullable<typeof cadc>).code.slice();
}

test("without mismatch and noise every simulated chip is the ideal one, bit for bit", async () => {
  const ideal = await openChip({ kind: "ideal" });
  const plain = await openChip({ kind: "simulated", seed: 77, mismatch: 0, noise: 0 });
  const batch = smallBatch(10);
  const options: RunOptions = {
    spikes: true,
    cadc: { memory: "sram", recordedNeurons: READOUT },
    madc: { neuron: HIDDEN[0]!, source: "membrane" },
  };
  for (const chip of [ideal, plain]) await chip.configure(smallNetwork());
  const [a, b] = [await ideal.run(batch, options), await plain.run(batch, options)];
  expect(a.spikes.count).toBeGreaterThan(10);
  expect(b.spikes.count).toBe(a.spikes.count);
  expect(b.spikes.tick.slice(0, b.spikes.count)).toEqual(a.spikes.tick.slice(0, a.spikes.count));
  expect(b.spikes.label.slice(0, b.spikes.count)).toEqual(a.spikes.label.slice(0, a.spikes.count));
  expect(b.cadc?.code).toEqual(a.cadc?.code);
  expect(b.madc?.code).toEqual(a.madc?.code);
});

test("the ideal chip draws one PSP of the stated peak", async () => {
  const chip = await openChip({ kind: "ideal" });
  const config = smallNetwork();
  config.synapses.weight.fill(0);
  const neuron = HIDDEN[0]!;
  config.synapses.weight[neuron] = 50;
  config.neurons.thresholdOn[neuron] = 0;
  await chip.configure(config);
  const batch: SpikeBatch = {
    entries: 1,
    duration: 2500,
    offset: Int32Array.from([0, 1]),
    tick: Int32Array.from([125]),
    label: Uint16Array.from([inputLabel(0)]),
  };
  const { madc } = await chip.run(batch, { spikes: false, madc: { neuron, source: "membrane" } });
  const trace = (madc as NonNullable<typeof madc>).code;
  const top = Math.max(...trace);
  const peak = (trace.indexOf(top) + trace.lastIndexOf(top)) / 2;
  // 6e-5 LSB · 50 · 6 µs · 1000 = 18 LSB of 2.5 codes above code 305, one τ after the event at 1 µs.
  expect(Math.abs(top - (305 + 45))).toBeLessThanOrEqual(1);
  expect(Math.abs(peak * 0.034 - 7)).toBeLessThan(0.2);
});

describe("signs and routes", () => {
  const batch = smallBatch(1);

  test("an inhibitory row pulls down, an excitatory row pushes up", async () => {
    const chip = await openChip({ kind: "ideal" });
    const config = smallNetwork();
    const keep = HIDDEN.slice(0, 1);
    config.neurons.thresholdOn.fill(0);
    await chip.configure(config);
    expect(Math.max(...(await codes(chip, batch, keep)))).toBeGreaterThan(90);
    for (let row = 0; row < 256; row += 2)
      config.routing.rowMode[row] = config.routing.rowMode[row] === 1 ? 2 : 0;
    await chip.configure(config);
    const pulled = await codes(chip, batch, keep);
    expect(Math.max(...pulled)).toBe(80);
    expect(Math.min(...pulled)).toBeLessThan(70);
  });

  test("a synapse with another label stays silent", async () => {
    const chip = await openChip({ kind: "ideal" });
    const config = smallNetwork();
    config.neurons.thresholdOn.fill(0);
    config.synapses.label.fill(40);
    await chip.configure(config);
    expect(new Set(await codes(chip, batch, HIDDEN))).toEqual(new Set([80]));
  });

  test("events of neurons reach the bus of their output and no other", async () => {
    const chip = await openChip({ kind: "ideal" });
    const config = smallNetwork();
    await chip.configure(config);
    const connected = await codes(chip, batch, READOUT);
    expect(Math.max(...connected)).toBeGreaterThan(90);
    // The same rows one driver, hence one bus, further: nothing arrives.
    const shifted = smallNetwork();
    shifted.routing.rowMode.copyWithin(258, 256, 510);
    shifted.routing.rowMode.fill(0, 256, 258);
    shifted.synapses.weight.copyWithin(258 * 256, 256 * 256, 510 * 256);
    shifted.synapses.label.copyWithin(258 * 256, 256 * 256, 510 * 256);
    await chip.configure(shifted);
    expect(new Set(await codes(chip, batch, READOUT))).toEqual(new Set([80]));
  });

  test("neurons whose events go nowhere are not missed: the rest is unchanged", async () => {
    const chip = await openChip({ kind: "simulated" });
    const config = smallNetwork();
    await chip.configure(config);
    const noiseKey = { run: 1, sample: Int32Array.from([0]) };
    const before = await chip.run(batch, { spikes: true, noiseKey });
    const spikes = [...before.spikes.tick.slice(0, before.spikes.count)];
    config.neurons.thresholdOn[200] = 1;
    config.neurons.eventsOn[200] = 1; // event output 6, whose nodes are off
    await chip.configure(config);
    const after = await chip.run(batch, { spikes: true, noiseKey });
    expect([...after.spikes.tick.slice(0, after.spikes.count)]).toEqual(spikes);
  });
});

describe("noise", () => {
  test("differs from run to run and entry to entry, not for the same names", async () => {
    const chip = await openChip({ kind: "simulated", seed: 5 });
    await chip.configure(smallNetwork());
    const run = (index: number) =>
      codes(chip, SILENT, READOUT, {
        noiseKey: { run: index, sample: Int32Array.from({ length: 20 }, (_, e) => e) },
      });
    const first = await run(1);
    expect(await run(2)).not.toEqual(first);
    expect(await run(1)).toEqual(first);
    const perEntry = first.length / 20;
    expect(first.slice(0, perEntry)).not.toEqual(first.slice(perEntry, 2 * perEntry));
    // Runs without a noise key are counted by the chip.
    expect(await codes(chip, SILENT, READOUT)).not.toEqual(await codes(chip, SILENT, READOUT));
  });

  test("another noise seed is other noise on the same chip", async () => {
    const a = await openChip({ kind: "simulated", seed: 5, noiseSeed: 1 });
    const b = await openChip({ kind: "simulated", seed: 5, noiseSeed: 2 });
    expect(a.info).toEqual(b.info);
    expect(trueNeurons(a).leak).toEqual(trueNeurons(b).leak);
    expect(await codes(a, SILENT, READOUT)).not.toEqual(await codes(b, SILENT, READOUT));
  });

  // Within a run: membrane 0.3, read 0.7 and rounding; sd over 20 entries far apart in time is that of all.
  test("a membrane at rest reads with 0.81 LSB rms, its mean moves between runs as stated", async () => {
    const chip = await openChip({ kind: "simulated", seed: 6 });
    const keep = Int32Array.from({ length: 64 }, (_, i) => i);
    const means: number[] = [];
    let within = 0;
    const runs = 30;
    for (let run = 0; run < runs; run++) {
      const all = await codes(chip, SILENT, keep);
      for (let i = 0; i < keep.length; i++) {
        const own = all.filter((_, k) => k % keep.length === i);
        const mean = own.reduce((a, b) => a + b, 0) / own.length;
        means.push(mean);
        within += own.reduce((sum, c) => sum + (c - mean) ** 2, 0) / own.length / runs / keep.length;
      }
    }
    expect(Math.sqrt(within)).toBeGreaterThan(0.75);
    expect(Math.sqrt(within)).toBeLessThan(0.88);
    let between = 0;
    for (let i = 0; i < keep.length; i++) {
      const own = means.filter((_, k) => k % keep.length === i);
      const mean = own.reduce((a, b) => a + b, 0) / runs;
      between += own.reduce((sum, m) => sum + (m - mean) ** 2, 0) / (runs - 1) / keep.length;
    }
    // 64 · 29 degrees of freedom: 1.6 %; the mean of a run itself is uncertain by about 0.1 LSB.
    expect(Math.abs(Math.sqrt(between) - effectsWith({}).runLeakLsb)).toBeLessThan(0.12);
  });

  // 2 · 8 events in each of 200 entries, 0.25 %: 8 ± 4 · 2.8.
  test("losses are counted", async () => {
    const chip = await openChip({ kind: "simulated" });
    await chip.configure(smallNetwork());
    const { health } = await chip.run(smallBatch(200), { spikes: true });
    expect(health.droppedIn).toBeGreaterThan(0);
    expect(health.droppedIn).toBeLessThan(20);
  });
});

describe("the probe", () => {
  test("true parameters follow words and differ between chips", async () => {
    const chip = await openChip({ kind: "simulated", seed: 1 });
    const { neurons } = defaultConfig();
    const before = trueNeurons(chip);
    neurons.leak.fill(629 + 30);
    await chip.configure({ neurons });
    const after = trueNeurons(chip);
    const alive = 511 - after.dead.indexOf(1);
    expect(after.leak[alive]! - before.leak[alive]!).toBeCloseTo(30 * 0.33, -0.5);
    const other = await openChip({ kind: "simulated", seed: 2 });
    expect(trueNeurons(other).leak).not.toEqual(before.leak);
  });

  test("reads and weights of the ideal chip are exact", async () => {
    const chip = await openChip({ kind: "ideal" });
    const config = smallNetwork();
    await chip.configure(config);
    expect(trueRead(chip, 33, 120)).toBe(120);
    expect(trueWeight(chip, 0, HIDDEN[0]!)).toBe(config.synapses.weight[HIDDEN[0]!]);
  });

  test("refuses chips that are not simulated", () => {
    const chip = { info: { id: "silicon" } } as unknown as Chip;
    expect(() => trueNeurons(chip)).toThrow("silicon");
  });
});

test("a synaptic line can be read while its input is off, and falls with the weight", async () => {
  const chip = await openChip({ kind: "simulated", seed: 3 });
  const config = smallNetwork();
  const neuron = HIDDEN[1]!;
  config.neurons.synExcOn.fill(0);
  config.neurons.synInhOn.fill(0);
  await chip.configure(config);
  const batch: SpikeBatch = {
    entries: 1,
    duration: 2500,
    offset: Int32Array.from([0, 5]),
    tick: Int32Array.from([500, 501, 502, 503, 504]),
    label: Uint16Array.from({ length: 5 }, () => inputLabel(2)),
  };
  const line = await chip.run(batch, { spikes: false, madc: { neuron, source: "synapse-exc" } });
  const code = line.madc?.code as Uint16Array;
  const rest = code.slice(0, 100).reduce((a, b) => a + b, 0) / 100;
  const weight = 5 * config.synapses.weight[2 * 8 * 256 + neuron]!;
  // 0.8 codes per weight and DAC 600; spreads of driver, row, synapse and events together stay within 40 %.
  const drop = rest - Math.min(...code);
  expect(drop).toBeGreaterThan((weight * 0.8 * 1000 * 0.6) / 600);
  expect(drop).toBeLessThan((weight * 0.8 * 1000 * 1.4) / 600);
  const membrane = await chip.run(batch, { spikes: false, madc: { neuron, source: "membrane" } });
  const trace = membrane.madc?.code as Uint16Array;
  expect(Math.max(...trace) - Math.min(...trace)).toBeLessThan(25);
});

test("crossbar nodes that do not exist are refused", async () => {
  const chip = await openChip({ kind: "simulated" });
  const { routing } = defaultConfig();
  routing.nodeOn[3 * CROSSBAR_OUTPUTS + 4] = 1;
  await expect(chip.configure({ routing })).rejects.toMatchObject({ code: "chip" });
});

test("the id names what changes a calibration, and nothing else", async () => {
  const id = async (options: object): Promise<string> =>
    (await openChip({ kind: "simulated", seed: 4, ...options })).info.id;
  expect(await id({})).toBe("simulated-4");
  expect(await id({ noise: 0, step: 0.1, noiseSeed: 9, effects: { leakSpreadLsb: 11.4 } })).toBe(
    "simulated-4",
  );
  expect(await id({ mismatch: 0.5 })).toMatch(/^simulated-4-[0-9a-f]{8}$/);
  expect(await id({ effects: { leakSpreadLsb: 5 } })).not.toBe(await id({ mismatch: 0.5 }));
});
