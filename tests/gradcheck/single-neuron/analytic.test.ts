import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  analyticSpike,
  criticalWeight,
  lambertW,
  type NeuronShape,
} from "../../../src/gradcheck/single-neuron/analytic.ts";
import { singleNeuronRows } from "../../reference/files.ts";

const ROWS = singleNeuronRows();

describe("single-neuron.json", () => {
  it("is met by the closed forms on every row", () => {
    for (const row of ROWS) {
      const spike = analyticSpike(row, row.weight);
      if (row.spikeTime === null) {
        expect(spike).toBeUndefined();
        continue;
      }
      // At 1.0005 w_c the distance to the divergence is 5e-4: rounding of the weight grows by its inverse.
      expect(Math.abs((spike?.time as number) / row.spikeTime - 1)).toBeLessThan(1e-14);
      expect(Math.abs((spike?.slope as number) / (row.dSpikeTime_dWeight as number) - 1)).toBeLessThan(1e-12);
    }
  });
});

describe("the first spike of one neuron", () => {
  const shape = fc.record({
    tauMem: fc.double({ min: 1, max: 50, noNaN: true }),
    tauSyn: fc.double({ min: 1, max: 50, noNaN: true }),
    threshold: fc.double({ min: 0.2, max: 3, noNaN: true }),
  });
  const factor = fc.double({ min: 1.05, max: 30, noNaN: true });

  it("stands where the membrane is at the threshold", () => {
    fc.assert(
      fc.property(shape, factor, (neuron, times) => {
        fc.pre(Math.abs(neuron.tauMem / neuron.tauSyn - 1) > 1e-3);
        const weight = times * criticalWeight(neuron);
        const { time } = analyticSpike(neuron, weight) as { time: number };
        const { tauMem, tauSyn, threshold } = neuron;
        const decayed = Math.exp(-time / tauMem) - Math.exp(-time / tauSyn);
        const potential = ((weight * tauSyn) / (tauMem - tauSyn)) * decayed;
        expect(potential / threshold).toBeCloseTo(1, 9);
      }),
    );
  });

  it("moves with the weight as its derivative says", () => {
    fc.assert(
      fc.property(shape, factor, (neuron, times) => {
        const weight = times * criticalWeight(neuron);
        const step = 1e-4 * weight * (1 - 1 / times);
        const at = (w: number): number => (analyticSpike(neuron, w) as { time: number }).time;
        const slope = (at(weight + step) - at(weight - step)) / (2 * step);
        const analytic = (analyticSpike(neuron, weight) as { slope: number }).slope;
        // Central differences: step² of a curve like (w − w_c)^½.
        expect(Math.abs(slope / analytic - 1)).toBeLessThan(1e-6);
      }),
    );
  });

  it("is the same through the limit of equal constants and of twice the constant", () => {
    for (const ratio of [1, 2]) {
      const exact: NeuronShape = { tauMem: 6 * ratio, tauSyn: 6, threshold: 1 };
      const near: NeuronShape = { ...exact, tauMem: 6 * ratio * (1 + 1e-9) };
      const weight = 1.3 * criticalWeight(exact);
      const [a, b] = [analyticSpike(exact, weight), analyticSpike(near, weight)];
      expect((b?.time as number) / (a?.time as number)).toBeCloseTo(1, 8);
      expect((b?.slope as number) / (a?.slope as number)).toBeCloseTo(1, 7);
      expect(criticalWeight(near) / criticalWeight(exact)).toBeCloseTo(1, 8);
    }
  });

  it("does not come at or below the critical weight, nor for weights that are not positive numbers", () => {
    const neuron: NeuronShape = { tauMem: 6, tauSyn: 6, threshold: 1 };
    for (const weight of [Math.E, 2, 0, -5, Number.NaN])
      expect(analyticSpike(neuron, weight)).toBeUndefined();
    expect(criticalWeight({ tauMem: 12, tauSyn: 6, threshold: 1 })).toBeCloseTo(4, 14);
  });

  it("comes from Lambert's W, which solves its equation", () => {
    fc.assert(
      fc.property(fc.double({ min: -0.3678, max: -1e-9, noNaN: true }), (z) => {
        const w = lambertW(z);
        expect((w * Math.exp(w)) / z).toBeCloseTo(1, 12);
        expect(w).toBeGreaterThan(-1);
      }),
    );
  });
});
