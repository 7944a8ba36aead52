import { describe, expect, test } from "vitest";
import {
  createEventInput,
  createEventOutput,
  type EmittedSpikes,
} from "../../../src/chip/simulated/events.ts";
import { createEntryNoise } from "../../../src/chip/simulated/noise.ts";
import type { SpikeBatch } from "../../../src/chip/types.ts";

const noise = createEntryNoise();
noise.start(1, 1, 1);
const EXACT = { latency: 0, jitter: 0, loss: 0 };

function batchOf(events: readonly (readonly [tick: number, label: number])[]): SpikeBatch {
  return {
    entries: 1,
    duration: 1000,
    offset: Int32Array.from([0, events.length]),
    tick: Int32Array.from(events, ([tick]) => tick),
    label: Uint16Array.from(events, ([, label]) => label),
  };
}

describe("events into the chip", () => {
  const rowOf = Int32Array.from({ length: 1 << 16 }, (_, label) => (label & 0x3fff) - 1);

  test("arrive in µs with their jump row; those that reach nothing are skipped, not dropped", () => {
    const input = createEventInput();
    input.accept(
      batchOf([
        [10, 1],
        [20, 0],
        [30, 5],
      ]),
      0,
      rowOf,
      0,
      noise,
    );
    expect(input.arrived).toMatchObject({ count: 2, dropped: 0 });
    expect([...input.arrived.time.subarray(0, 2)]).toEqual([10 * 0.008, 30 * 0.008]);
    expect([...input.arrived.row.subarray(0, 2)]).toEqual([0, 4]);
  });

  test("three events pass per tick, on whatever links", () => {
    const input = createEventInput();
    input.accept(
      batchOf([
        [10, 1],
        [10, 0x4002],
        [10, 0x8003],
        [10, 4],
        [11, 5],
        [11, 6],
        [11, 7],
      ]),
      0,
      rowOf,
      0,
      noise,
    );
    const { time, row } = input.arrived;
    expect([...row.subarray(0, 7)]).toEqual([0, 1, 2, 3, 4, 5, 6]);
    expect([...time.subarray(0, 7)].map((t) => Math.round(t / 0.008))).toEqual([10, 10, 10, 11, 11, 11, 12]);
  });

  test("a burst that would wait for more than 32 ticks is dropped and counted", () => {
    const input = createEventInput();
    input.accept(batchOf(Array.from({ length: 200 }, () => [10, 1] as const)), 0, rowOf, 0, noise);
    expect(input.arrived).toMatchObject({ count: 3 * 33, dropped: 101 });
  });

  // Binomial: 10000 events at 1 %: 100 ± 4 · 10.
  test("losses have the given probability", () => {
    const input = createEventInput();
    input.accept(batchOf(Array.from({ length: 10_000 }, (_, i) => [i, 1] as const)), 0, rowOf, 0.01, noise);
    expect(Math.abs(input.arrived.dropped - 100)).toBeLessThan(40);
    expect(input.arrived.count + input.arrived.dropped).toBe(10_000);
  });
});

describe("spikes out of the chip", () => {
  /** Neuron n of the kernel sends label n. */
  const LABEL_OF = Int32Array.from({ length: 2048 }, (_, n) => n);

  function emitted(spikes: readonly (readonly [time: number, neuron: number])[]): EmittedSpikes {
    return {
      count: spikes.length,
      time: Float64Array.from(spikes, ([time]) => time),
      neuron: Int32Array.from(spikes, ([, neuron]) => neuron),
    };
  }

  test("are stamped in ticks of 8 ns after the latency, sorted by entry and tick", () => {
    const output = createEventOutput();
    const timing = { ...EXACT, latency: 0.08 };
    output.record(
      emitted([
        [1.0004, 3],
        [0.5, 2],
      ]),
      LABEL_OF,
      0,
      1000,
      timing,
      noise,
    );
    output.record(emitted([]), LABEL_OF, 1, 1000, timing, noise);
    output.record(emitted([[0.2, 3]]), LABEL_OF, 2, 1000, timing, noise);
    const { count, entry, tick, label } = output.recording;
    expect(count).toBe(3);
    expect([...entry.subarray(0, 3)]).toEqual([0, 0, 2]);
    expect([...tick.subarray(0, 3)]).toEqual([73, 135, 35]);
    expect([...label.subarray(0, 3)]).toEqual([2, 3, 3]);
  });

  test("spikes of neurons without a way to the host are neither recorded nor in the way", () => {
    const output = createEventOutput();
    const labelOf = Int32Array.of(-1, 7);
    output.record(
      emitted([
        [1, 0],
        [1, 1],
        [1, 0],
      ]),
      labelOf,
      0,
      1000,
      EXACT,
      noise,
    );
    expect(output.recording.count).toBe(1);
    expect([output.recording.tick[0], output.recording.label[0]]).toEqual([125, 7]);
  });

  test("64 neurons of one event output at once: 33 pass in a row, the rest is dropped", () => {
    const output = createEventOutput();
    const burst = Array.from({ length: 64 }, (_, n) => [1, (2 << 8) | n] as const);
    output.record(emitted(burst), LABEL_OF, 0, 1000, EXACT, noise);
    expect(output.recording.count).toBe(33);
    expect(output.dropped).toBe(31);
    expect([...output.recording.tick.subarray(0, 33)]).toEqual(Array.from({ length: 33 }, (_, k) => 125 + k));
  });

  // calix: more than 250 of 512 neurons that fire together must be seen.
  test("all 512 neurons at once: more than 250 arrive, still sorted", () => {
    const output = createEventOutput();
    const burst = Array.from({ length: 512 }, (_, n) => [1, ((n >> 6) << 8) | (n & 63)] as const);
    output.record(emitted(burst), LABEL_OF, 0, 1000, EXACT, noise);
    const { count, tick } = output.recording;
    expect(count).toBeGreaterThan(250);
    expect(count).toBeLessThan(300);
    for (let i = 1; i < count; i++) expect(tick[i]).toBeGreaterThanOrEqual(tick[i - 1]!);
  });

  test("stamps after the end are not recorded; the recording starts afresh after clear", () => {
    const output = createEventOutput();
    output.record(
      emitted([
        [7.9999, 1],
        [8.1, 1],
      ]),
      LABEL_OF,
      0,
      1000,
      EXACT,
      noise,
    );
    expect(output.recording.count).toBe(1);
    output.clear();
    output.record(emitted([]), LABEL_OF, 0, 1000, EXACT, noise);
    expect(output.recording.count).toBe(0);
  });

  // Binomial: 10000 spikes at 1 %: 100 ± 4 · 10.
  test("losses have the given probability", () => {
    const output = createEventOutput();
    const train = Array.from({ length: 10_000 }, (_, k) => [1 + k, 1] as const);
    output.record(emitted(train), LABEL_OF, 0, 10_000_000, { ...EXACT, loss: 0.01 }, noise);
    expect(Math.abs(output.dropped - 100)).toBeLessThan(40);
    expect(output.recording.count + output.dropped).toBe(10_000);
  });

  test("a loss of 1 drops everything", () => {
    const output = createEventOutput();
    const train = Array.from({ length: 100 }, (_, k) => [1 + k, 1] as const);
    output.record(emitted(train), LABEL_OF, 0, 100_000, { ...EXACT, loss: 1 }, noise);
    expect([output.recording.count, output.dropped]).toEqual([0, 100]);
  });

  // Binomial: 1000 spikes at 50 %: 500 ± 5 · 15.8, in each of ten parts of the train.
  test("spikes after a loss keep their ticks and labels, and are lost as often as any", () => {
    const output = createEventOutput();
    const train = Array.from({ length: 10_000 }, (_, k) => [1 + k, k & 2047] as const);
    output.record(emitted(train), LABEL_OF, 0, 10_000_000, { ...EXACT, loss: 0.5 }, noise);
    const { count, tick, label } = output.recording;
    expect(count + output.dropped).toBe(10_000);
    const kept = new Int32Array(10);
    let last = -1;
    for (let i = 0; i < count; i++) {
      const k = tick[i]! / 125 - 1;
      expect(k).toBeGreaterThan(last);
      expect(label[i]).toBe(k & 2047);
      kept[Math.floor(k / 1000)]!++;
      last = k;
    }
    for (const part of kept) expect(Math.abs(part - 500)).toBeLessThan(79);
  });

  // 4000 stamps: mean ± 4 · 0.05/√4000, sd ± 4 · 0.05/√8000 µs.
  test("jitter has the given spread and no bias", () => {
    const output = createEventOutput();
    const train = Array.from({ length: 4000 }, (_, k) => [10 + k, 1] as const);
    output.record(emitted(train), LABEL_OF, 0, 1_000_000, { latency: 0, jitter: 0.05, loss: 0 }, noise);
    const errors = Array.from({ length: 4000 }, (_, k) => output.recording.tick[k]! * 0.008 - 10 - k);
    const mean = errors.reduce((a, b) => a + b, 0) / 4000;
    const sd = Math.sqrt(errors.reduce((a, b) => a + b * b, 0) / 4000);
    expect(Math.abs(mean)).toBeLessThan((4 * 0.05) / Math.sqrt(4000));
    expect(Math.abs(sd - Math.hypot(0.05, 0.008 / Math.sqrt(12)))).toBeLessThan((4 * 0.05) / Math.sqrt(8000));
  });
});
