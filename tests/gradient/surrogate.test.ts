import { describe, expect, it } from "vitest";
import { interpolateMembranes } from "../../src/gradient/grid-membranes.ts";
import { createEstimator, type EstimatorConfig } from "../../src/gradient/index.ts";
import { createTimeGrid } from "../../src/gradient/time-grid.ts";
import { pushVoltage, voltageSamples } from "../../src/network/observation.ts";
import { gradientOf } from "../conformance/gradients.ts";
import { yinYangProblems } from "../conformance/yin-yang-problems.ts";

const SURROGATE: EstimatorConfig = { kind: "surrogate", dt: 0.05, steepness: 50, samplePeriod: 2 };

describe("surrogate", () => {
  it("has no surrogate in the readout: there it converges to the exact gradient", () => {
    const [problem] = yinYangProblems(1);
    const { network } = problem!;
    const from = network.projections[1]!.offset;
    const exact = gradientOf(problem!, createEstimator(network, { kind: "eventprop", slopeFloor: 0 }));
    const estimate = gradientOf(problem!, createEstimator(network, SURROGATE));
    const top = exact.subarray(from).reduce((most, value) => Math.max(most, Math.abs(value)), 0);
    for (let i = from; i < exact.length; i++) {
      // First order in dt / τ = 0.05 / 6.
      expect(Math.abs(estimate[i]! - exact[i]!) / top).toBeLessThan(0.03);
    }
  });

  it("needs membranes of the hidden layer, and keeps a byte of each sample", () => {
    const [problem] = yinYangProblems(1);
    const estimator = createEstimator(problem!.network, SURROGATE);
    expect(estimator.hiddenVoltages).toEqual({ kind: "grid", period: 2 });
  });
});

describe("membranes on the grid", () => {
  it("are linear between samples, constant outside, zero without samples", () => {
    const [problem] = yinYangProblems(1);
    const grid = createTimeGrid(problem!.network, 1);
    const samples = voltageSamples(4);
    pushVoltage(samples, 1, 2.5, 1);
    pushVoltage(samples, 1, 4.5, 3);
    const membranes = new Float64Array(3 * grid.bins);
    interpolateMembranes(samples, grid, membranes);
    const row = (neuron: number) => [...membranes.subarray(neuron * grid.bins, neuron * grid.bins + 7)];
    expect(row(1)).toEqual([1, 1, 1, 1.5, 2.5, 3, 3]);
    expect(row(0)).toEqual([0, 0, 0, 0, 0, 0, 0]);
  });
});
