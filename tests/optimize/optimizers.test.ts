import { describe, expect, it } from "vitest";
import { createOptimizer, OPTIMIZERS, type OptimizerConfig } from "../../src/optimize/optimizers/index.ts";

const CONFIG: { readonly [K in OptimizerConfig["kind"]]: Extract<OptimizerConfig, { readonly kind: K }> } = {
  adam: { kind: "adam", learningRate: 0.1, beta1: 0.9, beta2: 0.99, epsilon: 1e-8 },
  adamw: { kind: "adamw", learningRate: 0.1, beta1: 0.9, beta2: 0.99, epsilon: 1e-8, weightDecay: 1e-6 },
  sgd: { kind: "sgd", learningRate: 0.02, momentum: 0.8 },
};

describe.each(OPTIMIZERS.map(({ kind }) => kind))("%s", (kind) => {
  /** f = Σ k (w_k − k)² / 2 */
  const slope = (weights: Float64Array): Float64Array => weights.map((w, k) => (k + 1) * (w - k));

  it("reaches the bottom of a bowl", () => {
    const optimizer = createOptimizer(CONFIG[kind]);
    const weights = Float64Array.of(5, -3, 2, 9);
    const state = optimizer.init(4);
    for (let n = 0; n < 1000; n++) optimizer.update(weights, slope(weights), state, n < 800 ? 1 : 0.01);
    weights.forEach((w, k) => {
      expect(w).toBeCloseTo(k, 3);
    });
    expect(state.step).toBe(1000);
  });

  it("goes on from a copy of its state as if nothing had happened", () => {
    const run = (stopAt: number): Float64Array => {
      let weights = Float64Array.of(5, -3, 2, 9);
      let state = createOptimizer(CONFIG[kind]).init(4);
      for (let n = 0; n < 20; n++) {
        if (n === stopAt) {
          state = structuredClone(state);
          weights = structuredClone(weights);
        }
        createOptimizer(CONFIG[kind]).update(weights, slope(weights), state, 1);
      }
      return weights;
    };
    expect(run(7)).toEqual(run(-1));
  });

  it("does not move at factor 0, nor write the gradient", () => {
    const optimizer = createOptimizer(CONFIG[kind]);
    const weights = Float64Array.of(1, 2);
    const gradient = Float64Array.of(3, 4);
    optimizer.update(weights, gradient, optimizer.init(2), 0);
    expect([...weights]).toEqual([1, 2]);
    expect([...gradient]).toEqual([3, 4]);
  });
});

describe("adam", () => {
  it("makes first steps of the learning rate, whatever the gradient", () => {
    const optimizer = createOptimizer(CONFIG.adam);
    const weights = Float64Array.of(0, 0, 0);
    optimizer.update(weights, Float64Array.of(1e-3, -50, 0), optimizer.init(3), 0.5);
    expect(weights[0]).toBeCloseTo(-0.05, 6);
    expect(weights[1]).toBeCloseTo(0.05, 6);
    expect(weights[2]).toBe(0);
  });

  // D. Kingma, J. Ba 2015, algorithm 1, by hand for gradients 1 and −2.
  it("makes the second step of the algorithm", () => {
    const optimizer = createOptimizer(CONFIG.adam);
    const weights = Float64Array.of(0);
    const state = optimizer.init(1);
    optimizer.update(weights, Float64Array.of(1), state, 1);
    optimizer.update(weights, Float64Array.of(-2), state, 1);
    const mean = (0.9 * 0.1 - 0.1 * 2) / (1 - 0.81);
    const square = (0.99 * 0.01 + 0.01 * 4) / (1 - 0.9801);
    expect(weights[0]).toBeCloseTo(-0.1 - (0.1 * mean) / Math.sqrt(square), 8);
  });
});

describe("adamw", () => {
  it("shrinks weights by a share of the step, whatever their gradients, and else does what adam does", () => {
    const step = (config: OptimizerConfig, from: number, gradient: number): number => {
      const optimizer = createOptimizer(config);
      const weights = Float64Array.of(from);
      optimizer.update(weights, Float64Array.of(gradient), optimizer.init(1), 0.5);
      return weights[0]!;
    };
    const config = { ...CONFIG.adamw, weightDecay: 0.2 };
    expect(step(config, 3, 0)).toBeCloseTo(3 * (1 - 0.1 * 0.5 * 0.2), 12);
    for (const gradient of [1e-3, 1, -50]) {
      expect(step(config, 3, gradient)).toBeCloseTo(step(CONFIG.adam, 3, gradient) - 3 * 0.01, 12);
    }
  });
});

describe("sgd", () => {
  it("adds momentum", () => {
    const optimizer = createOptimizer(CONFIG.sgd);
    const weights = Float64Array.of(0);
    const state = optimizer.init(1);
    optimizer.update(weights, Float64Array.of(1), state, 1);
    optimizer.update(weights, Float64Array.of(1), state, 1);
    expect(weights[0]).toBeCloseTo(-0.02 * (1 + 1.8), 12);
  });
});
