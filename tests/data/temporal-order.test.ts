import { expect, test } from "vitest";
import { temporalOrder } from "../../src/data/temporal-order.ts";
import type { EventData } from "../../src/data/types.ts";

const CLASSES = 6;
const QUIET = {
  channels: 32,
  trainSize: 30,
  validationSize: 6,
  testSize: 12,
  soundLength: 1000,
  pause: 0,
  density: 0.4,
  loss: 0,
  soundJitter: 0,
  spikeJitter: 0,
  background: 0,
  soundSeed: 1,
  seed: 1,
};

/** Events of one sample. */
function sample({ offset, time, source }: EventData, i: number) {
  const [from, to] = [offset[i]!, offset[i + 1]!];
  return { time: [...time.subarray(from, to)], source: [...source.subarray(from, to)] };
}

const sounds = (data: EventData, i: number): string[] => {
  const { time, source } = sample(data, i);
  return [0, 1, 2].map((place) =>
    time
      .flatMap((at, event) =>
        Math.min(2, Math.floor(at / QUIET.soundLength)) === place
          ? [`${source[event]}@${(at - place * QUIET.soundLength).toFixed(6)}`]
          : [],
      )
      .join(" "),
  );
};

test("without noise the words of all classes have the same sounds, each class in another order", () => {
  const { train } = temporalOrder.create(QUIET);
  const words = Array.from({ length: CLASSES }, (_, i) => sounds(train, i));
  const [a, b, c] = words[0]!;
  expect(new Set([a, b, c]).size).toBe(3);
  for (const [i, name] of train.classNames.entries()) {
    const order = [...name].map((letter) => ({ a, b, c })[letter]);
    expect(words[i]).toEqual(order);
  }
});

test("a pause moves the second and the third sound later and leaves the rest as it is", () => {
  const plain = temporalOrder.create(QUIET).train;
  const paused = temporalOrder.create({ ...QUIET, pause: 400 }).train;
  for (let i = 0; i < CLASSES; i++) {
    const expected = sample(plain, i).time.map((at) => at + 400 * Math.floor(at / QUIET.soundLength));
    expect(sample(paused, i).source).toEqual(sample(plain, i).source);
    sample(paused, i).time.forEach((at, event) => {
      expect(at).toBeCloseTo(expected[event]!, 9);
    });
  }
});

test("the numbers of spikes of the channels are the same for all classes", () => {
  const { train } = temporalOrder.create(QUIET);
  const counts = Array.from({ length: CLASSES }, (_, i) => sample(train, i).source.sort().join());
  expect(new Set(counts).size).toBe(1);
});

test("noise loses spikes, adds others, moves them, and differs between parts and seeds", () => {
  const noisy = { ...QUIET, loss: 0.5, soundJitter: 100, spikeJitter: 20, background: 10, trainSize: 300 };
  const { train, test: tested } = temporalOrder.create(noisy);
  const plain = temporalOrder.create(QUIET).train.offset[1]!;
  // Binomial and Poisson: half of `plain` and 10, the mean of 300 samples.
  const sd = Math.sqrt((plain * 0.25 + 10) / 300);
  expect(Math.abs(train.time.length / 300 - (plain / 2 + 10))).toBeLessThan(5 * sd);
  expect(train.time.every((at) => at >= 0 && at <= 3 * QUIET.soundLength)).toBe(true);
  expect(sample(train, 0)).not.toEqual(sample(tested, 0));
  expect(sample(train, 0)).not.toEqual(sample(train, CLASSES));
  expect(sample(temporalOrder.create({ ...noisy, seed: 2 }).train, 0)).not.toEqual(sample(train, 0));
});
