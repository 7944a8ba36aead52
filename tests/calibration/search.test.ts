import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  fitLine,
  noisyBinarySearch,
  predictFromLine,
  searchIncrements,
} from "../../src/calibration/search.ts";
import { stream } from "../../src/core/random.ts";

const RANGE = { lowest: 0, highest: 1022 };

/** Instances whose value is a straight line of the code, as a potential of its capmem code. */
interface Mock {
  readonly slope: number;
  readonly offsets: readonly number[];
  readonly noise: number;
}

function measureMock({ slope, offsets, noise }: Mock, seed: number) {
  const draws = stream(seed, "mock");
  return async (code: Uint16Array): Promise<Float64Array> =>
    Float64Array.from(code, (one, i) => slope * one + offsets[i]! + noise * draws.normal());
}

/** Code at which the mock instance has the target. */
function trueCode({ slope, offsets }: Mock, i: number, target: number): number {
  return (target - offsets[i]!) / slope;
}

const mocks = fc.record({
  slope: fc.double({ min: 0.1, max: 2, noNaN: true }),
  // Codes wanted well inside the range: the bounds have tests of their own.
  wanted: fc.array(fc.integer({ min: 10, max: 1012 }), { minLength: 1, maxLength: 40 }),
  target: fc.integer({ min: -100, max: 300 }),
  falling: fc.boolean(),
  seed: fc.nat(),
});

function mockOf({
  slope,
  wanted,
  target,
  falling,
}: {
  slope: number;
  wanted: number[];
  target: number;
  falling: boolean;
}) {
  const signed = falling ? -slope : slope;
  return { slope: signed, offsets: wanted.map((code) => target - signed * code), noise: 0 };
}

describe("noisy binary search", () => {
  it("finds every code of the range to within one code when nothing is noisy", async () => {
    await fc.assert(
      fc.asyncProperty(mocks, async (given) => {
        const mock = mockOf(given);
        const target = new Float64Array(given.wanted.length).fill(given.target);
        const options = { ...RANGE, target, falling: given.falling, draws: stream(given.seed, "search") };
        const { code, success } = await noisyBinarySearch(options, measureMock(mock, given.seed));
        given.wanted.forEach((wanted, i) => {
          expect(Math.abs(code[i]! - wanted)).toBeLessThanOrEqual(1);
          expect(success[i]).toBe(1);
        });
      }),
      { numRuns: 60 },
    );
  });

  it("ends within a few noise widths of the target when measurements are noisy", async () => {
    const mock: Mock = {
      slope: 0.33,
      offsets: Array.from({ length: 400 }, (_, i) => -150 + 0.2 * i),
      noise: 0.3,
    };
    const target = new Float64Array(400).fill(80);
    const options = { ...RANGE, target, draws: stream(1, "search") };
    const { code } = await noisyBinarySearch(options, measureMock(mock, 1));
    const errors = Array.from(code, (one, i) => (one - trueCode(mock, i, 80)) * mock.slope);
    const deviation = Math.sqrt(errors.reduce((sum, error) => sum + error * error, 0) / errors.length);
    // The best of six measurements: its error is about that of one measurement, plus the rounding of the code.
    expect(deviation).toBeLessThan(0.3 + 0.33);
  });

  it("fails exactly the instances whose target lies outside the range, at the bound nearest to it", async () => {
    const mock: Mock = { slope: 1, offsets: [-2000, 0, 2000], noise: 0 };
    const target = Float64Array.of(500, 500, 500);
    const options = { ...RANGE, target, draws: stream(2, "search") };
    const { code, success } = await noisyBinarySearch(options, measureMock(mock, 2));
    expect(Array.from(success)).toEqual([0, 1, 0]);
    expect(Array.from(code)).toEqual([1022, 500, 0]);
  });

  it("leaves instances that show nothing in place, and names them as failed", async () => {
    const target = Float64Array.of(500, 500);
    const options = { ...RANGE, target, draws: stream(3, "search") };
    const { code, value, success } = await noisyBinarySearch(options, async (codes) =>
      Float64Array.of(Number.NaN, codes[1]!),
    );
    expect(Math.abs(code[0]! - 511)).toBeLessThanOrEqual(5);
    expect(value[0]).toBeNaN();
    expect(Array.from(success)).toEqual([0, 1]);
  });

  it("takes infinities as a direction", async () => {
    const target = Float64Array.of(100);
    const options = { ...RANGE, target, draws: stream(4, "search") };
    const { code } = await noisyBinarySearch(options, async (codes) => {
      const one = codes[0]!;
      return Float64Array.of(
        one > 120 ? Number.POSITIVE_INFINITY : one < 80 ? Number.NEGATIVE_INFINITY : one,
      );
    });
    expect(Math.abs(code[0]! - 100)).toBeLessThanOrEqual(1);
  });

  it("dithers its first codes, so that no crowd of equal codes stands on the chip", async () => {
    const target = new Float64Array(512).fill(80);
    const first: Uint16Array[] = [];
    const options = { ...RANGE, target, draws: stream(5, "search") };
    await noisyBinarySearch(options, async (codes) => {
      if (first.length === 0) first.push(codes.slice());
      return Float64Array.from(codes);
    });
    expect(new Set(first[0]).size).toBe(11);
  });

  it("needs about log2 of the range measurements, as a real calibration does", async () => {
    let count = 0;
    const options = { ...RANGE, target: Float64Array.of(80), draws: stream(6, "search") };
    await noisyBinarySearch(options, async (codes) => {
      count++;
      return Float64Array.from(codes);
    });
    // electronicvisions/calix:src/py/calix/common/algorithms.py: 13 steps for codes 0 … 1022.
    expect(count).toBeLessThanOrEqual(13);
  });

  it("has steps that reach both ends from any dithered start", () => {
    fc.assert(
      fc.property(fc.integer({ min: 8, max: 2000 }), fc.integer({ min: 0, max: 5 }), (highest, wish) => {
        const dither = Math.min(wish, Math.floor(highest / 8));
        const reach = searchIncrements(0, highest, dither).reduce((sum, one) => sum + one, 0);
        expect(reach).toBeGreaterThanOrEqual(Math.ceil(highest / 2) + dither);
      }),
    );
  });
});

const PROBES = [-24, -16, -8, 0, 8, 16, 24];

describe("prediction from lines", () => {
  it("is exact to the code for straight lines with any offsets", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer({ min: 100, max: 900 }), { minLength: 1, maxLength: 30 }),
        fc.double({ min: -2, max: 2, noNaN: true }).filter((slope) => Math.abs(slope) > 0.05),
        async (wanted, slope) => {
          const options = {
            lowest: 0,
            highest: 1022,
            target: new Float64Array(wanted.length).fill(80),
            code: Uint16Array.from(wanted, (code) => code + 30),
            offsets: PROBES,
          };
          const { code, success } = await predictFromLine(options, async (codes) =>
            Float64Array.from(codes, (one, i) => 80 + slope * (one - wanted[i]!)),
          );
          expect(Array.from(code)).toEqual(wanted);
          expect(success.every((one) => one === 1)).toBe(true);
        },
      ),
      { numRuns: 50 },
    );
  });

  it("averages the steps of an 8-bit converter out", async () => {
    const count = 200;
    const options = {
      lowest: 0,
      highest: 1022,
      target: new Float64Array(count).fill(80),
      code: new Uint16Array(count).fill(629),
      offsets: PROBES,
    };
    const potential = (code: number, i: number): number => 80 + 0.33 * (code - 629) + (i / count - 0.5) * 6;
    const { code } = await predictFromLine(options, async (codes) =>
      Float64Array.from(codes, (one, i) => Math.round(potential(one, i))),
    );
    const worst = Math.max(...Array.from(code, (one, i) => Math.abs(potential(one, i) - 80)));
    // One rounded read errs by up to 0.5 LSB plus 0.17 for the code; five of seven averaged by less.
    expect(worst).toBeLessThan(0.45);
  });

  it("is exact for power laws, in logarithms and in shares of the code", async () => {
    const factor = [0.6, 1, 1.7];
    const tau = (code: number, i: number): number => 998 * factor[i]! * code ** -0.953;
    const options = {
      lowest: 0,
      highest: 1022,
      target: new Float64Array(3).fill(6),
      code: Uint16Array.of(150, 214, 300),
      offsets: [-0.12, -0.06, 0, 0.06, 0.12],
      relative: true,
      logarithmic: true,
    };
    const { code } = await predictFromLine(options, async (codes) => Float64Array.from(codes, tau));
    for (let i = 0; i < 3; i++) {
      // Half a code of rounding.
      expect(Math.abs(tau(code[i]!, i) / 6 - 1)).toBeLessThan((0.953 * 0.51) / code[i]!);
    }
  });

  it("is not led away by one stray value among an instance's probes", async () => {
    const draws = stream(1, "probes");
    const options = {
      lowest: 0,
      highest: 1022,
      target: new Float64Array(100).fill(80),
      code: new Uint16Array(100).fill(629),
      offsets: PROBES,
    };
    let probe = 0;
    const { code } = await predictFromLine(options, async (codes) => {
      probe++;
      return Float64Array.from(codes, (one, i) =>
        i === 7 && probe === 2 ? 250 : 80 + 0.33 * (one - 629) + 0.2 * draws.normal(),
      );
    });
    expect(Math.abs(code[7]! - 629)).toBeLessThanOrEqual(2);
  });

  it("keeps the start of instances that show nothing, and fails them", async () => {
    const options = {
      lowest: 0,
      highest: 1022,
      target: Float64Array.of(80, 80),
      code: Uint16Array.of(600, 600),
      offsets: PROBES,
    };
    const { code, success, value } = await predictFromLine(options, async (codes) =>
      Float64Array.of(Number.NaN, 80 + 0.33 * (codes[1]! - 629)),
    );
    expect(code[0]).toBe(600);
    expect(value[0]).toBeNaN();
    expect(Array.from(success)).toEqual([0, 1]);
  });

  it("draws least-squares lines through finite points only", () => {
    const line = fitLine([0, 1, 2, 3], [1, 3, Number.POSITIVE_INFINITY, 7]);
    expect(line?.intercept).toBeCloseTo(1, 12);
    expect(line?.slope).toBeCloseTo(2, 12);
    expect(fitLine([0, 1], [1, 3])).toBeUndefined();
    expect(fitLine([1, 1, 1], [1, 2, 3])).toBeUndefined();
  });
});
