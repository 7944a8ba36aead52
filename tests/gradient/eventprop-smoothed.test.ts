import { describe, expect, it } from "vitest";
import { createEstimator, type EstimatorConfig, estimatorIncompatibility } from "../../src/gradient/index.ts";
import { createLoss, type LossConfig } from "../../src/loss/index.ts";
import { buildNetwork, withConstants } from "../../src/network/network.ts";
import { gradientOf, inputSlice, observe, type Problem } from "../conformance/gradients.ts";
import { yinYangProblems } from "../conformance/yin-yang-problems.ts";

const WIDTH = 0.05;
const EXACT: EstimatorConfig = { kind: "eventprop", slopeFloor: 0 };
const SMOOTHED: EstimatorConfig = { kind: "eventprop-smoothed", slopeFloor: 0, width: WIDTH };

/** One hidden neuron between inputs and a readout that is read at the end: a loss that is linear in potentials. */
function problemOf(weights: readonly number[], times: readonly number[], refractory = 12): Problem {
  const tau = { tauMem: 6, tauSynExc: 6, tauSynInh: 5, threshold: 1, reset: 0 };
  const network = buildNetwork(
    times.length,
    [
      { name: "hidden", model: "lif", size: 1, refractory, ...tau },
      { name: "readout", model: "li", size: 1, refractory: 0, ...tau },
    ],
    [
      { from: "input", to: "hidden", rows: 1 },
      { from: "hidden", to: "readout", rows: 1 },
    ],
    40,
  );
  return {
    network,
    weights: Float64Array.from([...weights, 0.7]),
    inputs: inputSlice(
      times,
      times.map((_, source) => source),
    ),
    loss: { kind: "voltage-at", terms: [{ neuron: 0, time: 35, coefficient: 1 }] },
    label: 0,
  };
}

/** The mean of `value` over thresholds that scatter as the estimator assumes. */
function meanOverThresholds(problem: Problem, value: (at: Problem) => number): number {
  const cells = 600;
  const reach = 5 * WIDTH;
  let sum = 0;
  let all = 0;
  for (let cell = 0; cell < cells; cell++) {
    const shift = reach * ((2 * cell + 1) / cells - 1);
    const weight = Math.exp(-0.5 * (shift / WIDTH) ** 2);
    const { constants } = problem.network;
    // The readout has no threshold.
    const threshold = constants.threshold.map((nominal) => nominal + shift);
    sum +=
      weight * value({ ...problem, network: withConstants(problem.network, { ...constants, threshold }) });
    all += weight;
  }
  return sum / all;
}

const withWeight = (problem: Problem, at: number, weight: number): Problem => ({
  ...problem,
  weights: problem.weights.with(at, weight),
});

describe("eventprop-smoothed", () => {
  it.each([
    ["a silent neuron near its threshold", [2.6], [2], 0],
    ["a neuron whose spike may disappear", [2.8], [2], 0],
    ["a maximum that an inhibitory spike makes", [4, -3], [2, 4.42], 0],
    ["a second spike that may appear", [3.6, 2.6], [2, 22], 1],
  ])(
    "adds what the loss averaged over thresholds has beyond the mean exact gradient: %s",
    (_name, weights, times, at) => {
      const problem = problemOf(weights, times);
      const step = 0.03;
      const lossWith = (weight: number): number =>
        meanOverThresholds(withWeight(problem, at, weight), (one) => observe(one).value.total);
      const expected = (lossWith(weights[at]! + step) - lossWith(weights[at]! - step)) / (2 * step);
      const exact = meanOverThresholds(
        problem,
        (one) => gradientOf(one, createEstimator(one.network, EXACT))[at]!,
      );
      const added =
        gradientOf(problem, createEstimator(problem.network, SMOOTHED))[at]! -
        gradientOf(problem, createEstimator(problem.network, EXACT))[at]!;
      // Without the sum the gradient is far off; with it what is left are the cells of the mean and the step.
      expect(Math.abs(exact - expected)).toBeGreaterThan(0.3 * Math.abs(expected));
      expect(Math.abs(exact + added - expected)).toBeLessThan(0.05 * Math.abs(expected));
    },
  );

  it("is the exact gradient where every maximum is far from the threshold", () => {
    const problem = problemOf([4.5, 0.5], [2, 30]);
    expect(gradientOf(problem, createEstimator(problem.network, SMOOTHED))).toEqual(
      gradientOf(problem, createEstimator(problem.network, EXACT)),
    );
  });

  it("leaves the weights of the readout alone, and keeps the bytes that EventProp keeps", () => {
    const [problem] = yinYangProblems(1);
    const { network } = problem!;
    const from = network.projections[1]!.offset;
    const exact = createEstimator(network, EXACT);
    const smoothed = createEstimator(network, SMOOTHED);
    expect(gradientOf(problem!, smoothed).subarray(from)).toEqual(gradientOf(problem!, exact).subarray(from));
    const { observation } = observe(problem!);
    expect(smoothed.bytesKept(observation)).toBe(exact.bytesKept(observation));
    expect(smoothed.hiddenVoltages).toEqual({ kind: "none" });
  });

  it("refuses spiking populations that act on spiking ones, or on none", () => {
    const tau = { tauMem: 6, tauSynExc: 6, tauSynInh: 6, threshold: 1, reset: 0, refractory: 0 };
    const hidden = { name: "hidden", model: "lif", size: 2, ...tau };
    const loss: LossConfig = { kind: "target-times", correct: 1, wrong: 2, unit: 1 };
    const output = { name: "out", model: "lif", size: 2, ...tau };
    const network = buildNetwork(
      2,
      [hidden, output],
      [
        { from: "input", to: "hidden", rows: 1 },
        { from: "hidden", to: "out", rows: 1 },
      ],
      20,
    );
    expect(estimatorIncompatibility(network, createLoss(network, loss), SMOOTHED)).toContain("hidden>out");
    const single = buildNetwork(2, [output], [{ from: "input", to: "out", rows: 1 }], 20);
    expect(estimatorIncompatibility(single, createLoss(single, loss), SMOOTHED)).toContain(
      "`out` acts on none",
    );
  });
});
