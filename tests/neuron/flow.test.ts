import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { advance, FLOW_SIZE, potential, writeFlow } from "../../src/neuron/flow.ts";
import { membrane } from "../../src/neuron/membrane.ts";
import { exponential, fixed, over, relativeError, times } from "./fixed-point.ts";
import { current, span, tau, tauNear } from "./membranes.ts";

/** K_r(s) from its definition, the difference of exponentials, to 200 bits. */
function preciseResponse(tauMem: number, tauSyn: number, s: number): bigint {
  const a = fixed(1 / tauMem);
  const r = fixed(1 / tauSyn);
  const t = fixed(s);
  return over(times(a, exponential(-times(a, t)) - exponential(-times(r, t))), r - a);
}

describe("flow", () => {
  test.each([1e-1, 1e-3, 1e-6, 1e-9, 1e-12, 1e-15])(
    "keeps full precision when the synaptic constant is %f beside the membrane's",
    (relative) => {
      for (const side of [1 + relative, 1 - relative]) {
        for (const s of [1e-6, 0.01, 1, 7, 40, 150]) {
          const constants = membrane(6, 6 * side, 5, 1);
          const flow = new Float64Array(FLOW_SIZE);
          writeFlow(constants, s, flow, 0);
          // Five roundings of the formula, and e^{−as} with a·s up to 25 whose rounding the exponential raises.
          const tolerance = (5 + s / 6) * Number.EPSILON;
          expect(Math.abs(relativeError(flow[2]!, preciseResponse(6, 6 * side, s)))).toBeLessThan(tolerance);
          expect(Math.abs(relativeError(flow[4]!, preciseResponse(6, 5, s)))).toBeLessThan(2 * tolerance);
        }
      }
    },
  );

  test("at equal constants the response is (s/tau) e^{-s/tau}", () => {
    for (const s of [0.3, 6, 50]) {
      expect(potential(membrane(6, 6, 6, 1), 0, 1, 0, s)).toBeCloseTo((s / 6) * Math.exp(-s / 6), 15);
    }
  });

  test("starts where it is told, with the slope of the differential equation", () => {
    const constants = membrane(7, 5, 3, 1);
    expect(potential(constants, 0.4, 2, -0.7, 0)).toBe(0.4);
    const s = 1e-6;
    const slope = (potential(constants, 0.4, 2, -0.7, s) - 0.4) / s;
    // V̈/2 · s is the first term left out, about 1e-7.
    expect(slope).toBeCloseTo((-0.4 + 2 - 0.7) / 7, 6);
  });

  test("two flows in succession are one flow over the sum", () => {
    fc.assert(
      fc.property(
        tau,
        tauNear,
        tauNear,
        current,
        current,
        current,
        span,
        span,
        (tauMem, exc, inh, v, e, i, a, b) => {
          const constants = membrane(tauMem, exc * tauMem, inh * tauMem, 1);
          const once = Float64Array.of(v, e, i);
          advance(constants, once, a + b);
          const twice = Float64Array.of(v, e, i);
          advance(constants, twice, a);
          advance(constants, twice, b);
          // Rounding of a + b moves the exponents by a few units in the last place.
          const scale = Math.abs(v) + Math.abs(e) + Math.abs(i);
          const tolerance = 1e-14 * (1 + (a + b) / Math.min(tauMem, exc * tauMem, inh * tauMem)) * scale;
          for (let k = 0; k < 3; k++) expect(Math.abs(once[k]! - twice[k]!)).toBeLessThanOrEqual(tolerance);
        },
      ),
      { numRuns: 1000 },
    );
  });

  test("equal synaptic constants make one current: their sum moves the same membrane", () => {
    const both = potential(membrane(6, 5, 5, 1), 0.2, 3, -1.2, 4);
    const sum = potential(membrane(6, 5, 5, 1), 0.2, 1.8, 0, 4);
    const nearlyEqual = potential(membrane(6, 5, 5 * (1 + 1e-13), 1), 0.2, 3, -1.2, 4);
    expect(sum).toBeCloseTo(both, 15);
    expect(nearlyEqual).toBeCloseTo(both, 12);
  });
});
