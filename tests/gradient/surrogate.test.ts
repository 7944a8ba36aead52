import { describe, expect, it } from "vitest";
import { createEstimator, type EstimatorConfig, estimatorIncompatibility } from "../../src/gradient/index.ts";
import { interpolateMembranes } from "../../src/gradient/surrogate.ts";
import { createTimeGrid } from "../../src/gradient/time-grid.ts";
import { createLoss } from "../../src/loss/index.ts";
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

describe("steps and periods that make no sense", () => {
  const [problem] = yinYangProblems(1);
  const { network } = problem!;
  const loss = createLoss(network, problem!.loss);
  const reason = (changes: object): string | undefined =>
    estimatorIncompatibility(network, loss, { ...SURROGATE, ...changes } as EstimatorConfig);

  it.each([
    [6, /steps of 6 us \(`estimator.dt`\) are too long: the shortest time constant is 6 us; 0.6 us would do/],
    [
      1e-9,
      /steps of 1e-9 us .* too short: 63 neurons over 38 us make 2.4e\+12 values.*; 0.00026 us would do/,
    ],
  ])("a step of %d us is refused with one that works", (dt, message) => {
    expect(reason({ dt })).toMatch(message);
    const works = Number(/; (\S+) us would do/.exec(reason({ dt }) as string)?.[1]);
    expect(reason({ dt: works })).toBeUndefined();
    expect(estimatorIncompatibility(network, loss, { ...GRID, dt })).toMatch(message);
  });

  it.each([38, 1e-9])("a sampling period of %d us is refused", (samplePeriod) => {
    expect(() => reason({ samplePeriod })).toThrow(/^`estimator.samplePeriod` of /);
  });
});

const GRID = { kind: "eventprop-grid", readout: "exact", slopeFloor: 0 } as const;
