import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createEncoder } from "../../src/mapping/encode.ts";
import { placeNetwork } from "../../src/mapping/place.ts";
import type { InputBatch } from "../../src/network/observation.ts";
import { networkOf, yinYang } from "./networks.ts";

const TICK = 0.008;

function batchOf(samples: readonly (readonly (readonly [time: number, source: number])[])[]): InputBatch {
  const flat = samples.flat();
  const offset = new Int32Array(samples.length + 1);
  samples.forEach((events, i) => {
    offset[i + 1] = offset[i]! + events.length;
  });
  return {
    samples: samples.length,
    offset,
    time: Float64Array.from(flat, ([time]) => time),
    source: Int32Array.from(flat, ([, source]) => source),
    id: Int32Array.from(samples, (_, i) => i),
  };
}

describe("encoding", () => {
  const { routing } = placeNetwork(yinYang());
  const duration = 4750;

  it("rounds to the 8 ns clock and writes each input's label", () => {
    const encoder = createEncoder(routing, duration);
    const batch = encoder.encode(
      batchOf([
        [
          [2, 4],
          [2.0121, 1],
          [37.99, 3],
        ],
        [],
        [[0, 0]],
      ]),
    );
    expect(Array.from(batch.offset.subarray(0, 4))).toEqual([0, 3, 3, 4]);
    expect(Array.from(batch.tick.subarray(0, 4))).toEqual([250, 252, 4749, 0]);
    expect(Array.from(batch.label.subarray(0, 4))).toEqual([4, 1, 3, 0].map((i) => routing.inputLabel[i]));
    expect(Array.from(encoder.source.subarray(0, 4))).toEqual([4, 1, 3, 0]);
    expect([encoder.moved, encoder.late, batch.entries, batch.duration]).toEqual([0, 0, 3, 4750]);
  });

  it("sends inputs their delays later, and counts those that end up beyond the sample", () => {
    const encoder = createEncoder(routing, duration);
    encoder.delay.set([1.5, 0, 3]);
    const batch = encoder.encode(
      batchOf([
        [
          [2, 0],
          [2.4, 1],
          [36, 2],
          [38.2, 1],
        ],
      ]),
    );
    expect(Array.from(batch.tick.subarray(0, 2))).toEqual([300, 438]);
    expect(Array.from(encoder.source.subarray(0, 2))).toEqual([1, 0]);
    expect([batch.offset[1], encoder.pushed, encoder.late]).toEqual([2, 1, 1]);
  });

  it("moves the later of two events that would meet on a bus, and leaves other buses alone", () => {
    const [shared, other] = [routing.inputBuses[0], routing.inputBuses[4]];
    expect(shared).toBe(other);
    expect(routing.inputBuses[1]).not.toBe(shared);
    const encoder = createEncoder(routing, duration);
    const batch = encoder.encode(
      batchOf([
        [
          [1, 0],
          [1, 4],
          [1, 1],
          [1.008, 0],
        ],
      ]),
    );
    expect(Array.from(batch.tick.subarray(0, 4))).toEqual([125, 125, 126, 127]);
    expect(Array.from(encoder.source.subarray(0, 4))).toEqual([0, 1, 4, 0]);
    expect(encoder.moved).toBe(2);
  });

  it("keeps every bus that an event goes out on busy, and its link", () => {
    // Beside a bus of input 0 or 1: input 4 shares only the link of input 0, and input 5 also that of input 3.
    const several = {
      ...routing,
      inputBuses: Uint8Array.of(0b00010011, 0b11100000, 0b00000001, 0b00010000, 0b00001000, 0b10000000),
      inputLabel: Uint16Array.of(0x0000, 0x4000, 0x8000, 0xc000, 0x0001, 0xc001),
    };
    const encoder = createEncoder(several, duration);
    const sentAfter = (first: number, then: number): number => {
      const batch = encoder.encode(
        batchOf([
          [
            [1, first],
            [1, then],
          ],
        ]),
      );
      return batch.tick[Array.from(encoder.source.subarray(0, 2)).lastIndexOf(then)]!;
    };
    expect([2, 3, 4].map((input) => sentAfter(0, input))).toEqual([126, 126, 126]);
    expect([2, 3, 4].map((input) => sentAfter(input, 0))).toEqual([126, 126, 126]);
    expect([0, 2, 3, 4, 5].map((input) => sentAfter(1, input))).toEqual([125, 125, 125, 125, 126]);
    expect(sentAfter(3, 5)).toBe(126);
  });

  it("does not send what falls on or after the end, and sends at 0 what comes before", () => {
    const encoder = createEncoder(routing, duration);
    const batch = encoder.encode(
      batchOf([
        [
          [-0.5, 1],
          [38, 2],
          [50, 3],
        ],
      ]),
    );
    expect(Array.from(batch.offset.subarray(0, 2))).toEqual([0, 1]);
    expect(batch.tick[0]).toBe(0);
    expect(encoder.late).toBe(2);
  });

  it("refuses a time that is not a number", () => {
    expect(() => createEncoder(routing, duration).encode(batchOf([[[Number.NaN, 0]]]))).toThrow(
      "not a number",
    );
  });

  it("is ascending, one event per tick and bus, never early, and late only when the bus was taken", () => {
    // 40 inputs, ten on each bus.
    const crowded = placeNetwork(networkOf(40, [["hidden", 5, "lif"]], [["input", "hidden", 1]])).routing;
    const encoder = createEncoder(crowded, 1000);
    const events = fc.array(
      fc.tuple(fc.double({ min: 0, max: 0.4, noNaN: true }), fc.integer({ min: 0, max: 39 })),
      { maxLength: 120 },
    );
    fc.assert(
      fc.property(fc.array(events, { minLength: 1, maxLength: 3 }), (samples) => {
        const sorted = samples.map((sample) => [...sample].sort((a, b) => a[0] - b[0]));
        const batch = encoder.encode(batchOf(sorted));
        sorted.forEach((sample, s) => {
          const from = batch.offset[s]!;
          const to = batch.offset[s + 1]!;
          expect(to - from).toBe(sample.length);
          const taken = new Set<number>();
          for (let event = from; event < to; event++) {
            const tick = batch.tick[event]!;
            if (event > from) expect(tick).toBeGreaterThanOrEqual(batch.tick[event - 1]!);
            const key = tick * 256 + crowded.inputBuses[encoder.source[event]!]!;
            expect(taken.has(key)).toBe(false);
            taken.add(key);
          }
          for (let input = 0; input < 40; input++) {
            const asked = sample
              .filter(([, source]) => source === input)
              .map(([time]) => Math.round(time / TICK));
            const sent: number[] = [];
            for (let event = from; event < to; event++) {
              if (encoder.source[event] === input) sent.push(batch.tick[event]!);
            }
            asked.forEach((tick, i) => {
              expect(sent[i]).toBeGreaterThanOrEqual(tick);
              for (let between = tick; between < sent[i]!; between++) {
                expect(taken.has(between * 256 + crowded.inputBuses[input]!)).toBe(true);
              }
            });
          }
        });
      }),
      { numRuns: 50 },
    );
  });
});
