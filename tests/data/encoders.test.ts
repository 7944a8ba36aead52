import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { latencyEncoder } from "../../src/data/encoders.ts";
import { createEncoder } from "../../src/data/index.ts";
import type { FeatureData } from "../../src/data/types.ts";

function dataset(rows: readonly (readonly number[])[]): FeatureData {
  const featureCount = rows[0]?.length ?? 0;
  return {
    size: rows.length,
    featureCount,
    classes: 2,
    classNames: ["0", "1"],
    features: Float64Array.from(rows.flat()),
    labels: new Uint8Array(rows.length),
  };
}

describe("recorded spikes", () => {
  const train = {
    size: 1,
    classes: 2,
    classNames: ["0", "1"],
    labels: new Uint8Array(1),
    channels: 5,
    offset: Int32Array.of(0, 5),
    time: Float64Array.of(1, 2, 3, 4, 5),
    source: Int32Array.of(0, 1, 2, 3, 4),
  };
  const encoder = (channels: number) =>
    createEncoder(
      { kind: "events", timeScale: 2, start: 1, channels },
      { train, validation: train, test: train },
    );

  it("joins neighboring channels, and scales times", () => {
    const { inputs, encode } = encoder(2);
    expect(inputs).toBe(2);
    expect([...encode(train).source]).toEqual([0, 0, 0, 1, 1]);
    expect([...encode(train).time]).toEqual([1.5, 2, 2.5, 3, 3.5]);
  });

  it("are not spread over more sources than there are channels", () => {
    expect(() => encoder(6)).toThrow(/6 sources are asked for, the recordings have 5 channels/);
  });
});

describe("latency code", () => {
  it("places the spikes of the published Yin-Yang experiment", () => {
    // t = 2 µs + x · 24 µs and a bias spike at 2 µs
    const encoder = latencyEncoder({ early: 2, late: 26, bias: 2 }, { train: dataset([[0, 0, 0, 0]]) });
    const batch = encoder.encode(dataset([[0.5, 0.25, 0.5, 0.75]]));
    expect(encoder.inputs).toBe(5);
    expect(encoder.latest).toBe(26);
    expect([...batch.source]).toEqual([4, 1, 0, 2, 3]);
    expect([...batch.time]).toEqual([2, 8, 14, 14, 20]);
  });

  it("gives each sample one spike per source, in ascending time, inside its bounds", () => {
    const unit = fc.double({ min: 0, max: 1, noNaN: true });
    fc.assert(
      fc.property(
        fc.array(fc.tuple(unit, unit, unit), { minLength: 1, maxLength: 6 }),
        fc.option(fc.double({ min: 0, max: 40, noNaN: true }), { nil: undefined }),
        (rows, bias) => {
          const code = bias === undefined ? { early: 1, late: 20 } : { early: 1, late: 20, bias };
          const encoder = latencyEncoder(code, { train: dataset(rows) });
          const batch = encoder.encode(dataset(rows));
          expect(batch.samples).toBe(rows.length);
          expect([...batch.id]).toEqual(rows.map((_, i) => i));
          rows.forEach((row, sample) => {
            const [from, to] = [batch.offset[sample]!, batch.offset[sample + 1]!];
            const spikes = Array.from({ length: to - from }, (_, i) => ({
              time: batch.time[from + i]!,
              source: batch.source[from + i]!,
            }));
            const expected = [...row.map((x) => 1 + x * 19), ...(bias === undefined ? [] : [bias])]
              .map((time, source) => ({ time, source }))
              .sort((a, b) => a.time - b.time || a.source - b.source);
            expect(spikes).toEqual(expected);
            for (const { time } of spikes) expect(time).toBeLessThanOrEqual(encoder.latest);
          });
        },
      ),
    );
  });

  it("sends bursts whose first spike carries the number, and is silent for small features", () => {
    const rows = dataset([[0.5, 0.1]]);
    const code = { early: 12, late: 2, silentBelow: 0.2, spikes: 3, spacing: 1.5 };
    const encoder = latencyEncoder(code, { train: rows });
    expect(encoder.latest).toBe(15);
    const { time, source } = encoder.encode(rows);
    expect([...time]).toEqual([7, 8.5, 10]);
    expect([...source]).toEqual([0, 0, 0]);
  });

  it("sends copies of every spike from sources of their own", () => {
    const rows = dataset([[0.5, 0]]);
    const encoder = latencyEncoder({ early: 2, late: 12, bias: 2, copies: 2 }, { train: rows });
    const batch = encoder.encode(rows);
    expect(encoder.inputs).toBe(6);
    expect([...batch.source]).toEqual([2, 3, 4, 5, 0, 1]);
    expect([...batch.time]).toEqual([2, 2, 2, 2, 7, 7]);
  });

  it("does not take data with another number of features", () => {
    expect(() =>
      latencyEncoder({ early: 0, late: 1 }, { train: dataset([[0, 0, 1]]) }).encode(dataset([[0, 1]])),
    ).toThrow(/3 features/);
  });

  it("is silent for features below `silentBelow`, and brings large ones first when `early` is after `late`", () => {
    const rows = dataset([[0, 0.5, 1, 0.2]]);
    const batch = latencyEncoder({ early: 20, late: 0, silentBelow: 0.2 }, { train: rows }).encode(rows);
    expect([...batch.source]).toEqual([2, 1, 3]);
    expect([...batch.time]).toEqual([0, 10, 16]);
  });
});
