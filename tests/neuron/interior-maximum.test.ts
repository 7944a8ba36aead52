import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { advance, potential } from "../../src/neuron/flow.ts";
import { interiorMaximum } from "../../src/neuron/interior-maximum.ts";
import { type Membrane, membrane } from "../../src/neuron/membrane.ts";
import { current, span, tau, tauNear } from "./membranes.ts";

const POINTS = 400;

/** Largest of POINTS samples inside (0, h). */
function scan(constants: Membrane, v: number, e: number, i: number, h: number): number {
  let largest = Number.NEGATIVE_INFINITY;
  for (let k = 1; k < POINTS; k++)
    largest = Math.max(largest, potential(constants, v, e, i, (k * h) / POINTS));
  return largest;
}

describe("interiorMaximum", () => {
  test("with equal constants the peak after one input lies at tau (1 - v/e)", () => {
    expect(interiorMaximum(membrane(6, 6, 6, 1), 0.3, 1.5, 0, 40)).toBeCloseTo(6 * (1 - 0.3 / 1.5), 14);
  });

  test("at tau ratio 2 the peak of the unit response lies at tau_m ln 2", () => {
    expect(interiorMaximum(membrane(12, 6, 6, 1), 0, 1, 0, 40)).toBeCloseTo(12 * Math.LN2, 13);
  });

  test("the peak moves smoothly through equal constants", () => {
    const at = (relative: number): number =>
      interiorMaximum(membrane(6, 6 * (1 + relative), 6 * (1 + relative), 1), 0.3, 1.5, 0, 40);
    // ds/d(relative) is of the order of the peak time, 4.8.
    for (const relative of [1e-15, -1e-12, 1e-9, -1e-6]) {
      expect(Math.abs(at(relative) - at(0))).toBeLessThan(10 * Math.abs(relative) + 1e-14);
    }
  });

  test("V turns there, and no sample inside the interval is higher than it and the ends", () => {
    let found = 0;
    fc.assert(
      fc.property(tau, tauNear, tauNear, current, current, current, span, (tauMem, exc, inh, v, e, i, h) => {
        const constants = membrane(tauMem, exc * tauMem, inh * tauMem, 1);
        // One current lives in the excitatory slot.
        const [first, second] = constants.oneCurrent ? [e + i, 0] : [e, i];
        const top = interiorMaximum(constants, v, first, second, h);
        const ends = Math.max(v, potential(constants, v, first, second, h));
        const highest = scan(constants, v, first, second, h);
        const rounding = 1e-13 * (Math.abs(v) + Math.abs(e) + Math.abs(i));
        if (top === Number.POSITIVE_INFINITY) {
          expect(highest).toBeLessThanOrEqual(ends + rounding);
          return;
        }
        found++;
        expect(top).toBeGreaterThan(0);
        expect(top).toBeLessThan(h);
        const peak = potential(constants, v, first, second, top);
        expect(highest).toBeLessThanOrEqual(Math.max(ends, peak) + rounding);
        for (const side of [-1e-4, 1e-4]) {
          const beside = top * (1 + side);
          expect(potential(constants, v, first, second, beside)).toBeLessThanOrEqual(peak + rounding);
        }
      }),
      { numRuns: 2000 },
    );
    expect(found).toBeGreaterThan(200);
  });

  // Computed with 50 digits.
  test("a turn on which a bisection lands is found to the last digit", () => {
    const constants = membrane(6.5, 6, 5.999999994, Number.POSITIVE_INFINITY);
    const v = 0.8100118724358152;
    const [e, i] = [0.9814834675837606, -0.13034043645896404];
    const top = interiorMaximum(constants, v, e, i, 1.706401551);
    expect(Math.abs(top / 0.2904879331420722 - 1)).toBeLessThan(1e-14);
  });

  test("with two currents V̇ there is zero to rounding", () => {
    let found = 0;
    fc.assert(
      fc.property(tau, tauNear, tauNear, current, current, current, span, (tauMem, exc, inh, v, e, i, h) => {
        const constants = membrane(tauMem, exc * tauMem, inh * tauMem, 1);
        if (constants.oneCurrent) return;
        const top = interiorMaximum(constants, v, e, i, h);
        if (top === Number.POSITIVE_INFINITY) return;
        found++;
        const state = Float64Array.of(v, e, i);
        advance(constants, state, top);
        const drive = state[1]! + state[2]! - state[0]!;
        const size = Math.abs(v) + Math.abs(e) + Math.abs(i);
        expect(Math.abs(drive)).toBeLessThan(64 * Number.EPSILON * size);
      }),
      { numRuns: 4000 },
    );
    expect(found).toBeGreaterThan(200);
  });
});
