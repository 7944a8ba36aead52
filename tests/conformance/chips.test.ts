/** Laws of every chip of the table, whoever made it. */

import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { cadcTraceBytes, planRows } from "../../src/chip/cadc-rows.ts";
import { CHIPS, type ChipOptions, openChip } from "../../src/chip/index.ts";
import { MAX_RUNTIME_US, TICK_US } from "../../src/chip/limits.ts";
import { type ChipServer, serveChip } from "../../src/chip/remote/server.ts";
import type { Chip, Recording, RunOptions } from "../../src/chip/types.ts";
import { HIDDEN, READOUT, sliceBatch, smallBatch, smallNetwork } from "../chip/small-network.ts";

const ENTRIES = 12;
const BATCH = smallBatch(ENTRIES);
const KEEP = Int32Array.from([...READOUT, HIDDEN[3]!]);
const ENTRY_IDS = Int32Array.from({ length: ENTRIES }, (_, entry) => 1000 - 7 * entry);

function options(run: number, from = 0, to = ENTRIES): RunOptions {
  return {
    spikes: true,
    cadc: { memory: "sram", recordedNeurons: KEEP },
    noiseKey: { run, sample: ENTRY_IDS.slice(from, to) },
  };
}

/** Copies what a run returned: its buffers belong to the chip. */
function snapshot(recording: Recording, firstEntry = 0) {
  const { spikes, cadc } = recording;
  return {
    spikes: Array.from({ length: spikes.count }, (_, i) => [
      spikes.entry[i]! + firstEntry,
      spikes.tick[i]!,
      spikes.label[i]!,
    ]),
    codes: [...(cadc?.code ?? [])],
    dropped: [recording.health.droppedIn, recording.health.droppedOut],
  };
}

let server: ChipServer;
beforeAll(async () => {
  server = await serveChip((noiseSeed = 3) => openChip({ kind: "simulated", noiseSeed }), {
    host: "127.0.0.1",
    port: 0,
    // Fewer than the batch has: the host has to ask for the rest.
    entries: 5,
    say: () => {},
  });
});
afterAll(() => server.close());

function withAddress(kind: ChipOptions["kind"]): ChipOptions {
  return kind === "remote" ? { kind, address: `127.0.0.1:${server.port}` } : { kind };
}

async function open(kind: ChipOptions["kind"]): Promise<Chip> {
  const chip = await openChip(withAddress(kind));
  await chip.configure(smallNetwork());
  return chip;
}

describe.each(CHIPS.map(({ kind }) => kind))("chip %s", (kind) => {
  let chip: Chip;
  let whole: ReturnType<typeof snapshot>;

  beforeAll(async () => {
    chip = await open(kind);
    whole = snapshot(await chip.run(BATCH, options(5)));
  });
  afterAll(() => chip.close());

  test("the network spikes, and the readout moves", () => {
    expect(whole.spikes.length).toBeGreaterThan(ENTRIES);
    expect(Math.max(...whole.codes) - Math.min(...whole.codes)).toBeGreaterThan(20);
  });

  test("the same run twice, and on another copy of the chip, is the same recording", async () => {
    expect(snapshot(await chip.run(BATCH, options(5)))).toEqual(whole);
    const other = await open(kind);
    expect(snapshot(await other.run(BATCH, options(5)))).toEqual(whole);
    await other.close();
  });

  test("a batch in pieces is the same recording", async () => {
    const parts = [];
    for (const [from, to] of [
      [0, 5],
      [5, 6],
      [6, ENTRIES],
    ] as const) {
      parts.push(snapshot(await chip.run(sliceBatch(BATCH, from, to), options(5, from, to)), from));
    }
    expect(parts.flatMap((part) => part.spikes)).toEqual(whole.spikes);
    expect(parts.flatMap((part) => part.codes)).toEqual(whole.codes);
    expect(parts.reduce((sum, part) => sum + part.dropped[0]!, 0)).toBe(whole.dropped[0]);
  });

  test("entries do not depend on their neighbors", async () => {
    const alone = await chip.run(sliceBatch(BATCH, 8, 9), options(5, 8, 9));
    expect(snapshot(alone, 8).spikes).toEqual(whole.spikes.filter(([entry]) => entry === 8));
  });

  test("rewriting the same words changes nothing", async () => {
    const config = smallNetwork();
    await chip.configure({ synapses: config.synapses });
    await chip.configure({ neurons: config.neurons, routing: config.routing });
    expect(snapshot(await chip.run(BATCH, options(5)))).toEqual(whole);
  });

  test("spikes are sorted by entry and tick, inside the entry, with labels of neurons", () => {
    const labels = new Set(HIDDEN.map((n) => ((n >> 5) << 8) | smallNetwork().neurons.address[n]!));
    whole.spikes.forEach(([entry, tick, label], i) => {
      const [entry0, tick0] = whole.spikes[i - 1] ?? [0, 0];
      expect(entry).toBeGreaterThanOrEqual(entry0 as number);
      if (entry === entry0) expect(tick).toBeGreaterThanOrEqual(tick0 as number);
      expect(tick).toBeLessThanOrEqual(BATCH.duration);
      expect(labels.has(label as number)).toBe(true);
    });
  });

  test("a neuron does not spike again within its refractory time", () => {
    const last = new Map<string, number>();
    // 1 µs, less the jitter and the queue of the output.
    for (const [entry, tick, label] of whole.spikes) {
      const key = `${entry}/${label}`;
      const before = last.get(key);
      if (before !== undefined) expect(((tick as number) - before) * TICK_US).toBeGreaterThan(0.7);
      last.set(key, tick as number);
    }
  });

  test("CADC: whole rows at its period, codes as laid out, 100 samples in SRAM", async () => {
    const { cadc, health } = await chip.run(BATCH, options(5));
    const { samples, code, nominalTime, time, recordedNeurons: keep } = cadc as NonNullable<typeof cadc>;
    expect(code).toHaveLength(ENTRIES * samples * KEEP.length);
    expect(keep).toEqual(KEEP);
    expect(nominalTime).toHaveLength(samples);
    // Each entry and hemisphere has stamps of its own, ascending, next to the nominal times.
    expect(time).toHaveLength(2 * ENTRIES * samples);
    time.forEach((stamp, at) => {
      expect(Math.abs(stamp - nominalTime[at % samples]!)).toBeLessThan(0.2);
      if (at % samples > 0) expect(stamp).toBeGreaterThan(time[at - 1]!);
    });
    for (let k = 1; k < samples; k++) {
      const period = nominalTime[k]! - nominalTime[k - 1]!;
      expect(period).toBeGreaterThan(1.6);
      expect(period).toBeLessThan(2.1);
    }
    // Two hemispheres; rows of samples that lie outside the entry leave the chip too.
    const duration = BATCH.duration * TICK_US;
    expect(health.cadcBytes).toBe(ENTRIES * 2 * cadcTraceBytes(planRows("sram", duration).rows));
    expect(health.spikeBytes).toBe(8 * whole.spikes.length);
    const long = await chip.run({ ...sliceBatch(BATCH, 0, 1), duration: 100_000 }, options(5, 0, 1));
    expect(long.cadc?.samples).toBe(100);
    expect(long.health.cadcTruncated).toBe(true);
  });

  test("what is not asked for is not recorded", async () => {
    const recording = await chip.run(BATCH, { spikes: false });
    expect(recording.spikes.count).toBe(0);
    expect(recording.cadc).toBeUndefined();
    expect(recording.madc).toBeUndefined();
  });

  test("MADC: one neuron every 34 ns, 10 bit, and it sees the same membrane as the CADC", async () => {
    const neuron = READOUT[0]!;
    const { madc, cadc } = await chip.run(sliceBatch(BATCH, 0, 2), {
      ...options(5, 0, 2),
      madc: { neuron, source: "membrane" },
    });
    const { samples, code } = madc as NonNullable<typeof madc>;
    expect(samples).toBe(Math.floor((BATCH.duration * TICK_US) / 0.034) + 1);
    expect(code).toHaveLength(2 * samples);
    expect(Math.max(...code)).toBeLessThanOrEqual(1023);
    const peak = (codes: ArrayLike<number>, start: number, end: number, stride: number): number => {
      let best = 0;
      for (let i = start; i < end; i += stride) best = Math.max(best, codes[i]!);
      return best;
    };
    const inCadc = peak(
      (cadc as NonNullable<typeof cadc>).code,
      0,
      (cadc?.samples as number) * KEEP.length,
      KEEP.length,
    );
    const swing = (peak(code, 0, samples, 1) - code[0]!) / 2.5;
    const cadcSwing = inCadc - (cadc as NonNullable<typeof cadc>).code[0]!;
    // Coarse: noise of both converters, gain spreads of a few per cent, samples 1.7 µs apart.
    expect(Math.abs(swing - cadcSwing)).toBeLessThan(8 + 0.15 * cadcSwing);
  });

  test("a reference voltage is read by all channels, higher codes higher", async () => {
    const read = async (reference: number): Promise<number> => {
      const keep = Int32Array.from({ length: 512 }, (_, n) => n);
      const { cadc } = await chip.run(sliceBatch(BATCH, 0, 1), {
        spikes: false,
        cadc: { memory: "sram", recordedNeurons: keep, reference },
      });
      const codes = (cadc as NonNullable<typeof cadc>).code;
      return codes.reduce((a, b) => a + b, 0) / codes.length;
    };
    const [low, high] = [await read(70), await read(550)];
    // Uncalibrated: within 10 LSB offset and 15 % gain of the nominal 20 and 220.
    expect(Math.abs(low - 20)).toBeLessThan(12);
    expect(high - low).toBeGreaterThan(160);
    expect(high - low).toBeLessThan(240);
  });

  test("words out of range are refused and change nothing", async () => {
    const config = smallNetwork();
    config.synapses.weight[9] = 64;
    await expect(chip.configure({ synapses: config.synapses })).rejects.toMatchObject({
      code: "chip",
      message: "weight[9] is 64, must be 0 … 63",
    });
    const { neurons } = smallNetwork();
    neurons.threshold[511] = 1023;
    await expect(chip.configure({ neurons })).rejects.toMatchObject({ code: "chip" });
    expect(snapshot(await chip.run(BATCH, options(5)))).toEqual(whole);
  });

  test("runs that no chip can do are refused", async () => {
    const none = sliceBatch(BATCH, 0, 1);
    const tooLong = { ...none, duration: MAX_RUNTIME_US / TICK_US + 1000 };
    await expect(chip.run(tooLong, { spikes: true })).rejects.toMatchObject({ code: "chip" });
    const keep = Int32Array.from([512]);
    await expect(
      chip.run(none, { spikes: true, cadc: { memory: "sram", recordedNeurons: keep } }),
    ).rejects.toMatchObject({
      code: "chip",
    });
  });
});
