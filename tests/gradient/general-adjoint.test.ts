import { describe, expect, it } from "vitest";
import { createEstimator } from "../../src/gradient/index.ts";
import type { LossConfig } from "../../src/loss/index.ts";
import { buildNetwork } from "../../src/network/network.ts";
import { gradientOf, inputSlice, newCounts, observe, type Problem } from "../conformance/gradients.ts";

const MODELS = {
  adex: { threshold: 1, extra: { exponentialThreshold: 0.7, slopeFactor: 0.05 } },
  qif: { threshold: 10, extra: { curvature: 1 } },
} as const;

/** One neuron that an input spike at 0 drives with `weight`; the loss is the time of its spike. */
function oneNeuron(model: keyof typeof MODELS, weight: number): Problem {
  const { threshold, extra } = MODELS[model];
  const constants = { tauMem: 6, tauSynExc: 6, tauSynInh: 6, threshold, reset: 0, refractory: 1 };
  const network = buildNetwork(
    1,
    [{ name: "out", model, size: 1, ...constants, extra: { tolerance: 1e-12, ...extra } }],
    [{ from: "input", to: "out", rows: 1 }],
    80,
  );
  const weights = Float64Array.of(weight);
  const loss: LossConfig = { kind: "spike-time", terms: [{ neuron: 0, spike: 0, coefficient: 1 }] };
  return { network, weights, inputs: inputSlice([0], [0]), loss, label: 0 };
}

/** The smallest weight with a spike, to `exactness`. */
function criticalWeight(model: keyof typeof MODELS, exactness: number): number {
  let [silent, spiking] = [0.5, 20];
  while (spiking - silent > exactness) {
    const middle = 0.5 * (silent + spiking);
    if (observe(oneNeuron(model, middle)).observation.spikes.count > 0) spiking = middle;
    else silent = middle;
  }
  return spiking;
}

function derivative(problem: Problem, slopeFloor: number) {
  const counts = newCounts();
  const estimator = createEstimator(problem.network, { kind: "eventprop", slopeFloor });
  return { slope: gradientOf(problem, estimator, counts)[0]!, counts };
}

describe.each(["adex", "qif"] as const)("the floor under slopes of %s", (model) => {
  it("holds where the membrane hesitates before it runs away, however steep it is at the threshold", () => {
    const grazing = oneNeuron(model, criticalWeight(model, 1e-6));
    const exact = derivative(grazing, 0);
    const floored = derivative(grazing, 0.1);
    expect(exact.counts).toEqual({ spikes: 1, cappedJumps: 0 });
    expect(floored.counts).toEqual({ spikes: 1, cappedJumps: 1 });
    expect(floored.slope / exact.slope).toBeGreaterThan(0);
    expect(floored.slope / exact.slope).toBeLessThan(0.1);
    // A jump of V by 1 moves a spike by τ_m/floor at most; one input of weight 1 lifts V by less than 1.
    expect(Math.abs(floored.slope)).toBeLessThan(6 / 0.1);
  });

  it("changes nothing where the membrane goes up without delay", () => {
    const strong = oneNeuron(model, 3 * criticalWeight(model, 1e-3));
    expect(derivative(strong, 0.1)).toEqual(derivative(strong, 0));
  });
});

describe("spikes that the model would make at another time", () => {
  /** How many are counted as early and late when the spike is observed `later` than the model makes it. */
  function counted(model: "adex" | "alif", later: number) {
    const problem = model === "adex" ? oneNeuron("adex", 1.2 * criticalWeight("adex", 0.01)) : adaptive();
    const { observation, cotangent } = observe(problem);
    expect(observation.spikes.count).toBe(1);
    observation.spikes.time[0]! += later;
    const counts = newCounts();
    createEstimator(problem.network, { kind: "eventprop", slopeFloor: 0.02 }).accumulate(
      observation,
      problem.weights,
      cotangent,
      new Float64Array(problem.network.parameters),
      counts,
    );
    return { early: counts.modelEarly ?? 0, late: counts.modelLate ?? 0 };
  }

  function adaptive(): Problem {
    const { network: adex, ...rest } = oneNeuron("adex", 4);
    const { tauMem, tauSynExc, tauSynInh } = adex.constants;
    const constants = { tauMem: tauMem[0]!, tauSynExc: tauSynExc[0]!, tauSynInh: tauSynInh[0]! };
    const spiking = {
      threshold: 1,
      reset: 0,
      refractory: 70,
      extra: { adaptation: 0.3, thresholdJump: 0.5 },
    };
    const population = { name: "out", model: "alif", size: 1, ...constants, ...spiking };
    const network = buildNetwork(1, [population], [{ from: "input", to: "out", rows: 1 }], 80);
    return { network, ...rest };
  }

  it.each(["adex", "alif"] as const)("%s", (model) => {
    expect(counted(model, 0)).toEqual({ early: 0, late: 0 });
    expect(counted(model, 0.004)).toEqual({ early: 0, late: 0 });
    expect(counted(model, 0.3)).toEqual({ early: 1, late: 0 });
    expect(counted(model, -0.3)).toEqual({ early: 0, late: 1 });
  });
});
