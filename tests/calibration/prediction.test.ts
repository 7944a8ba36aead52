import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { fitLine, predictFromLine } from "../../src/calibration/prediction.ts";
import { stream } from "../../src/core/random.ts";

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
