import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  advance,
  FLOW_SIZE,
  firstCrossing,
  interiorMaximum,
  type Membrane,
  membrane,
  outOfReach,
  potential,
  writeFlow,
} from "../../src/neuron/closed-form.ts";
import { singleNeuronRows } from "../reference/files.ts";
import { exponential, fixed, over, relativeError, times } from "./fixed-point.ts";
import { below, current, excitation, inhibition, span, tau, tauNear } from "./membranes.ts";

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

function crossing(constants: Membrane, v: number, e: number, i: number, h: number): number {
  return firstCrossing(constants, Float64Array.of(v, e, i), h, potential(constants, v, e, i, h));
}

/** Weight at which the peak after one input only touches ϑ (Wunderlich & Pehle model, any ratio). */
function criticalWeight(tauMem: number, tauSyn: number): number {
  const rho = tauSyn / tauMem - 1;
  return rho === 0 ? Math.E : (1 + rho) ** (1 / rho);
}

describe("firstCrossing", () => {
  test("one input: the times of single-neuron.json, 50 digits", () => {
    const rows = singleNeuronRows();
    expect(rows.length).toBeGreaterThan(50);
    for (const { tauMem, tauSyn, threshold, weight, spikeTime } of rows) {
      const found = crossing(membrane(tauMem, tauSyn, tauSyn, threshold), 0, weight, 0, 1000);
      if (spikeTime === null) {
        expect(found).toBe(Number.POSITIVE_INFINITY);
        continue;
      }
      // Near the critical weight T depends on the square root of the distance, so on the weight's rounding.
      const grazing = weight / criticalWeight(tauMem, tauSyn) < 1.001;
      expect(Math.abs(found / spikeTime - 1)).toBeLessThan(grazing ? 1e-9 : 1e-12);
    }
  });

  test.each([
    [6, 6],
    [12, 6],
    [20, 5],
    [5, 8],
    [6.000001, 6],
  ])("tau %f/%f: a weight under the critical one never spikes, one above does", (tauMem, tauSyn) => {
    const constants = membrane(tauMem, tauSyn, tauSyn, 1);
    const critical = criticalWeight(tauMem, tauSyn);
    expect(crossing(constants, 0, critical * (1 - 1e-12), 0, 1000)).toBe(Number.POSITIVE_INFINITY);
    expect(crossing(constants, 0, critical * (1 + 1e-12), 0, 1000)).toBeLessThan(3 * tauMem);
  });

  test("V is at threshold there, rising, below it before; without a crossing it stays below", () => {
    const points = 300;
    let crossed = 0;
    fc.assert(
      fc.property(
        tau,
        tauNear,
        tauNear,
        below,
        excitation,
        inhibition,
        span,
        (tauMem, exc, inh, v, e, i, h) => {
          const constants = membrane(tauMem, exc * tauMem, inh * tauMem, 1);
          const [first, second] = constants.oneCurrent ? [e + i, 0] : [e, i];
          const state = Float64Array.of(v, first, second);
          const end = potential(constants, v, first, second, h);
          const s = firstCrossing(constants, state, h, end);
          const rounding = 1e-13 * (1 + Math.abs(v) + e + Math.abs(i));
          const until = Math.min(s, h);
          let highest = Number.NEGATIVE_INFINITY;
          for (let k = 0; k < points; k++) {
            highest = Math.max(highest, potential(constants, v, first, second, (k * until) / points));
          }
          expect(highest).toBeLessThan(1 + rounding);
          if (s === Number.POSITIVE_INFINITY) return;
          crossed++;
          expect(s).toBeLessThanOrEqual(h);
          expect(Math.abs(potential(constants, v, first, second, s) - 1)).toBeLessThan(rounding);
          // The state is moved to the crossing.
          expect(state[0]).toBe(1);
          expect(Math.abs(state[1]! - first * Math.exp(-s / (exc * tauMem)))).toBeLessThan(rounding);
          expect(Math.abs(state[2]! - second * Math.exp(-s / (inh * tauMem)))).toBeLessThan(rounding);
          expect(state[1]! + state[2]!).toBeGreaterThan(1 - rounding);
        },
      ),
      { numRuns: 3000 },
    );
    expect(crossed).toBeGreaterThan(300);
  });

  test("a bound that says out of reach is never contradicted, and says so often", () => {
    let rejected = 0;
    const runs = 3000;
    fc.assert(
      fc.property(tau, tauNear, below, excitation, inhibition, (tauMem, exc, v, e, i) => {
        // Inhibition that lasts: the bound is for a current of at most i.
        const constants = membrane(tauMem, exc * tauMem, 1e9, 1);
        if (!outOfReach(constants, v, e, i)) return;
        rejected++;
        let highest = Number.NEGATIVE_INFINITY;
        for (let k = 0; k <= 400; k++) {
          highest = Math.max(highest, potential(constants, v, e, i, 0.02 * k * tauMem));
        }
        expect(highest).toBeLessThan(1);
      }),
      { numRuns: runs },
    );
    expect(rejected).toBeGreaterThan(runs / 3);
  });

  test("from a reset above threshold it crosses only after it has fallen below", () => {
    const constants = membrane(6, 20, 1, 1);
    // Strong brief inhibition under lasting excitation: down through ϑ, then up again.
    const s = crossing(constants, 1.2, 3, -12, 40);
    expect(s).toBeLessThan(40);
    expect(potential(constants, 1.2, 3, -12, s)).toBeCloseTo(1, 13);
    expect(potential(constants, 1.2, 3, -12, s * 0.9)).toBeLessThan(1);
    expect(crossing(constants, 1.2, 3, 0, 40)).toBe(Number.POSITIVE_INFINITY);
  });

  test("a membrane without threshold never spikes", () => {
    expect(crossing(membrane(6, 6, 6, Number.POSITIVE_INFINITY), 0, 1e6, 0, 100)).toBe(
      Number.POSITIVE_INFINITY,
    );
  });
});
