import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { firstCrossing } from "../../src/neuron/first-crossing.ts";
import { potential } from "../../src/neuron/flow.ts";
import { type Membrane, membrane, outOfReach } from "../../src/neuron/membrane.ts";
import { singleNeuronRows } from "../reference/files.ts";
import { below, excitation, inhibition, span, tau, tauNear } from "./membranes.ts";

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
