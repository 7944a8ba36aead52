import { describe, expect, it } from "vitest";
import { createEstimator, type EstimatorConfig, estimatorIncompatibility } from "../../src/gradient/index.ts";
import { createLoss, type LossConfig } from "../../src/loss/index.ts";
import { buildNetwork } from "../../src/network/network.ts";
import {
  cosine,
  gradientOf,
  inputSlice,
  newCounts,
  observe,
  type Problem,
} from "../conformance/gradients.ts";
import { yinYangProblems } from "../conformance/yin-yang-problems.ts";

const grid = (dt: number, readout: "exact" | "as-published" = "exact"): EstimatorConfig => ({
  kind: "eventprop-grid",
  dt,
  readout,
  slopeFloor: 0,
});

function oneNeuron(tauMem: number) {
  return buildNetwork(
    1,
    [
      {
        name: "neuron",
        model: "lif",
        size: 1,
        tauMem,
        tauSynExc: 6,
        tauSynInh: 6,
        threshold: 1,
        reset: 0,
        refractory: 0,
      },
    ],
    [{ from: "input", to: "neuron", rows: 1 }],
    60,
  );
}

describe("the published scheme on one neuron, L = T", () => {
  // Relative error in per cent, observed spike at the true time, at dt = 1, 0.5, 0.1, 0.01 µs: measured on a separate
  // implementation of electronicvisions/hxtorch, spiking/functional/eventprop.py.
  it.each([
    [6, 1.1, [-67, -38, -9, -1.1]],
    [6, 1.5, [-58, -34, -11, -0.7]],
    [12, 1.1, [-45, -29, -8, -0.8]],
    [12, 2, [-100, -52, -7, -0.7]],
  ])("has its known bias at tau_mem = %d us, w = %d w_c", (tauMem, ratio, expected) => {
    const network = oneNeuron(tauMem);
    const problem: Problem = {
      network,
      weights: Float64Array.of(ratio * (tauMem === 6 ? Math.E : 4)),
      inputs: inputSlice([0], [0]),
      loss: { kind: "spike-time", terms: [{ neuron: 0, spike: 0, coefficient: 1 }] },
      label: 0,
    };
    const exact = gradientOf(problem, createEstimator(network, { kind: "eventprop", slopeFloor: 0 }))[0]!;
    [1, 0.5, 0.1, 0.01].forEach((dt, i) => {
      const bias = 100 * (gradientOf(problem, createEstimator(network, grid(dt)))[0]! / exact - 1);
      // The table is rounded to whole per cent, to tenths below 2 per cent.
      expect(Math.abs(bias - expected[i]!)).toBeLessThan(Math.abs(expected[i]!) < 2 ? 0.1 : 0.6);
    });
  });
});

describe("readout: as-published", () => {
  /**
   * One hidden spike at T, readout V_o(t_f) = w_o k(t_f − T), k(s) = (s/τ) e^{−s/τ}: the published readout passes
   * −w_o k dT/dw to the hidden weight where the exact method passes −w_o k′ dT/dw (dL/dT = −w_o k′).
   */
  it.each([3, 20])("passes the kernel instead of its slope, %d us after the spike", (delay) => {
    const tau = { tauMem: 6, tauSynExc: 6, tauSynInh: 6, threshold: 1, reset: 0 };
    const network = buildNetwork(
      1,
      [
        { name: "hidden", model: "lif", size: 1, refractory: 100, ...tau },
        { name: "readout", model: "li", size: 1, refractory: 0, ...tau },
      ],
      [
        { from: "input", to: "hidden", rows: 1 },
        { from: "hidden", to: "readout", rows: 1 },
      ],
      60,
    );
    const weights = Float64Array.of(4, 0.7);
    const inputs = inputSlice([1], [0]);
    const at = (time: number, kind: "exact" | "as-published") => {
      const loss: LossConfig = { kind: "voltage-at", terms: [{ neuron: 0, time, coefficient: 1 }] };
      return gradientOf(
        { network, weights, inputs, loss, label: 0 },
        createEstimator(network, grid(0.002, kind)),
      )[0]!;
    };
    const spikeLoss: LossConfig = {
      kind: "spike-time",
      output: "hidden",
      terms: [{ neuron: 0, spike: 0, coefficient: 1 }],
    };
    const problem = { network, weights, inputs, loss: spikeLoss, label: 0 };
    const slope = gradientOf(problem, createEstimator(network, { kind: "eventprop", slopeFloor: 0 }))[0]!;
    const { spikes } = observe(problem).observation;
    const time = spikes.time[0]! + delay;
    const kernel = (delay / 6) * Math.exp(-delay / 6);
    const kernelSlope = (1 / 6 - delay / 36) * Math.exp(-delay / 6);
    expect(at(time, "as-published") / (-0.7 * kernel * slope)).toBeCloseTo(1, 2);
    expect(at(time, "exact") / (-0.7 * kernelSlope * slope)).toBeCloseTo(1, 2);
  });

  it("is called a heuristic where there is such a readout, and only there", () => {
    const [problem] = yinYangProblems(1);
    expect(createEstimator(problem!.network, grid(1, "as-published")).claim).toBe("heuristic");
    expect(createEstimator(problem!.network, grid(1)).claim).toBe("consistent");
    expect(createEstimator(oneNeuron(6), grid(1, "as-published")).claim).toBe("consistent");
  });

  it("agrees with the exact readout on the readout's own weights", () => {
    const [problem] = yinYangProblems(1);
    const { network } = problem!;
    const from = network.projections[1]!.offset;
    const exact = gradientOf(problem!, createEstimator(network, grid(0.5)));
    const published = gradientOf(problem!, createEstimator(network, grid(0.5, "as-published")));
    expect(published.subarray(from)).toEqual(exact.subarray(from));
    expect(cosine(published.subarray(0, from), exact.subarray(0, from))).toBeLessThan(0.99);
  });
});

describe("eventprop-grid", () => {
  it("says that a step longer than a time constant cannot be", () => {
    const network = oneNeuron(6);
    const loss = createLoss(network, {
      kind: "spike-time",
      terms: [{ neuron: 0, spike: 0, coefficient: 1 }],
    });
    expect(estimatorIncompatibility(network, loss, grid(6))).toMatch(/steps of 6 us .* are too long/);
    expect(estimatorIncompatibility(network, loss, grid(1))).toBeUndefined();
  });

  it("merges spikes of a neuron within a bin", () => {
    const [problem] = yinYangProblems(1);
    const { network, weights } = problem!;
    const { observation, cotangent } = observe(problem!);
    const counts = newCounts();
    const gradient = new Float64Array(network.weights);
    createEstimator(network, grid(5)).accumulate(observation, weights, cotangent, gradient, counts);
    expect(counts.spikes).toBeGreaterThan(0);
    expect(counts.spikes).toBeLessThan(observation.spikes.count);
    expect(gradient.every(Number.isFinite)).toBe(true);
  });
});
