import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Answers } from "../../src/engine/evaluation.ts";
import { summarize } from "../../src/engine/evaluation-summary.ts";
import { noCost } from "../../src/engine/executor.ts";
import { buildNetwork } from "../../src/network/network.ts";

const NOTHING = {
  saturated: 0,
  effective: new Float64Array(3),
  zeroed: new Int32Array(1),
  limited: new Int32Array(1),
};
const tau = { tauMem: 6, tauSynExc: 6, tauSynInh: 6, threshold: 1, reset: 0, refractory: 0 };
const network = buildNetwork(
  1,
  [
    { name: "hidden", model: "lif", size: 3, ...tau },
    { name: "output", model: "li", size: 3, ...tau },
  ],
  [{ from: "input", to: "hidden", rows: 1 }],
  38,
);

/** Answers of samples with these labels; `predictions[repeat][sample]`, −1 for none. */
function answers(labels: readonly number[], predictions: readonly (readonly number[])[]): Answers {
  const samples = labels.length;
  const repeats = predictions.length;
  const entries = samples * repeats;
  const flat = predictions.flat();
  const inputs = {
    samples,
    offset: new Int32Array(samples + 1),
    time: new Float64Array(0),
    source: new Int32Array(0),
    id: Int32Array.from(labels, (_, i) => i),
  };
  return {
    network,
    data: { name: "test", sources: 1, inputs, labels: Uint8Array.from(labels), classNames: ["a", "b"] },
    output: "output",
    samples,
    repeats,
    outputs: 3,
    loss: new Float64Array(entries).fill(0.5),
    prediction: Int16Array.from(flat),
    missing: new Uint16Array(entries),
    scores: Float64Array.from(flat.flatMap((predicted) => [0, 1, 2].map((c) => (c === predicted ? 1 : 0)))),
    spikes: Float64Array.of(2, 0, 4, 0, 0, 0),
    silentEntries: Int32Array.of(1, entries),
    cost: noCost(),
    loaded: NOTHING,
    weightSteps: new Float64Array(1),
  };
}

describe("summary of an evaluation", () => {
  it("counts correct samples, with the standard error of a proportion", () => {
    const { accuracy, standardError, confusion, loss } = summarize(answers([0, 0, 1, 1], [[0, 1, 1, -1]]));
    expect(accuracy).toBe(0.5);
    expect(standardError).toBeCloseTo(Math.sqrt((0.5 * 0.5) / 3), 12);
    expect(loss).toBe(0.5);
    expect(confusion).toEqual([
      [1, 1, 0, 0],
      [0, 1, 0, 1],
    ]);
  });

  it("tells samples without an output spike from ties", () => {
    const given = answers([0, 1, 1], [[-1, -1, 1]]);
    given.missing.set([3, 1]);
    const { unanswered, tied } = summarize(given);
    expect([unanswered, tied]).toEqual([1, 1]);
  });

  it("lets repeats vote, and has no vote where they disagree evenly", () => {
    const repeated = summarize(
      answers(
        [0, 1, 0],
        [
          [0, 1, 0],
          [0, 0, 1],
          [1, 1, -1],
        ],
      ),
    );
    expect([...repeated.vote!.prediction]).toEqual([0, 1, -1]);
    expect(repeated.vote!.accuracy).toBeCloseTo(2 / 3, 12);
    expect([...repeated.meanOfScores!.prediction]).toEqual([0, 1, -1]);
    expect(repeated.runs.map(({ accuracy }) => accuracy)).toEqual([1, 1 / 3, 1 / 3]);
  });

  it("knows activity per spiking population", () => {
    const { populations } = summarize(answers([0, 1], [[0, 1]]));
    expect(populations).toEqual({
      hidden: { neurons: 3, spikesPerSample: 3, silentNeurons: 1, silentSamples: 0.5 },
    });
  });

  it("has the accuracy of its repeats' mean, and a confusion that counts every entry once", () => {
    const prediction = fc.integer({ min: -1, max: 2 });
    fc.assert(
      fc.property(
        fc.nat(1_000_000),
        fc.integer({ min: 1, max: 9 }),
        fc.integer({ min: 1, max: 5 }),
        (_, n, r) => {
          const labels = fc.sample(fc.integer({ min: 0, max: 1 }), n);
          const summary = summarize(
            answers(
              labels,
              Array.from({ length: r }, () => fc.sample(prediction, n)),
            ),
          );
          const mean = summary.runs.reduce((sum, { accuracy }) => sum + accuracy!, 0) / r;
          expect(summary.accuracy).toBeCloseTo(mean, 12);
          expect(summary.confusion.flat().reduce((a, b) => a + b, 0)).toBe(n * r);
          expect(summary.accuracy! * n * r).toBeCloseTo(
            summary.confusion.reduce((sum, row, label) => sum + row[label]!, 0),
            9,
          );
        },
      ),
      { numRuns: 50 },
    );
  });
});
