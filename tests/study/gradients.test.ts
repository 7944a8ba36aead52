import { expect, test } from "vitest";
import { stream } from "../../src/core/random.ts";
import { type Along, agreementAlong } from "../../src/study/gradients/gradient-study.ts";

const SIZE = 400;
const projection = { offset: 3 };

function normal(name: string): Float64Array {
  const draws = stream(1, name);
  return Float64Array.from({ length: SIZE }, () => draws.normal());
}

/** Slopes of a loss with this gradient along random signs, each half with noise of its own. */
function slopes(gradient: Float64Array, noise: number, directions: number): Along[] {
  const signs = stream(1, "signs");
  const error = stream(1, "noise");
  return Array.from({ length: directions }, () => {
    const direction = Int8Array.from({ length: SIZE }, () => (signs.uniform() < 0.5 ? -1 : 1));
    const slope = direction.reduce((sum, sign, i) => sum + sign * gradient[i]!, 0);
    return { direction, even: slope + noise * error.normal(), odd: slope + noise * error.normal() };
  });
}

/** The estimate as it stands in the vector of all weights, behind those of another projection. */
function placed(estimate: Float64Array): Float64Array {
  return Float64Array.from([7, -7, 7, ...estimate]);
}

const truth = normal("truth");
const other = normal("other");
/** Cosine with the truth: 0.6 but for what is common by chance. */
const mixed = truth.map((entry, i) => 0.6 * entry + 0.8 * other[i]!);
const cosineOf = (a: Float64Array, b: Float64Array): number =>
  a.reduce((sum, entry, i) => sum + entry * b[i]!, 0) / (Math.hypot(...a) * Math.hypot(...b));

test("the true gradient has cosine and size 1, twice of it size 1/2, its negative cosine -1", () => {
  const along = slopes(truth, 0, 100);
  expect(agreementAlong(along, placed(truth), projection)).toMatchObject({
    cosine: expect.closeTo(1, 12),
    size: expect.closeTo(1, 12),
  });
  const twice = agreementAlong(along, placed(truth.map((entry) => 2 * entry)), projection);
  expect(twice.size).toBeCloseTo(0.5, 12);
  expect(agreementAlong(along, placed(truth.map((entry) => -entry)), projection).cosine).toBeCloseTo(-1, 12);
});

test.each([0, 5, 20])(
  "finds the cosine of another gradient within its error, with noise %d in the slopes",
  (noise) => {
    // The slopes themselves scatter by √400 = 20.
    const { cosine, cosineError, size } = agreementAlong(
      slopes(truth, noise, 1000),
      placed(mixed),
      projection,
    );
    expect(cosineError).toBeLessThan(0.06);
    expect(Math.abs(cosine! - cosineOf(truth, mixed))).toBeLessThan(3 * cosineError!);
    const expected = (cosineOf(truth, mixed) * Math.hypot(...truth)) / Math.hypot(...mixed);
    expect(Math.abs(size! - expected)).toBeLessThan(0.12);
  },
);

test("says nothing where a gradient is 0, or where the slopes are", () => {
  const nothing = { cosine: null, cosineError: null, size: null };
  expect(agreementAlong(slopes(truth, 0, 20), placed(new Float64Array(SIZE)), projection)).toEqual(nothing);
  expect(agreementAlong(slopes(new Float64Array(SIZE), 0, 20), placed(truth), projection)).toEqual(nothing);
});
