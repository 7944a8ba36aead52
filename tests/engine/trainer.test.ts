import { describe, expect, it } from "vitest";
import { createTrainer, updateTraffic } from "../../src/engine/trainer.ts";
import { loadExperiment } from "../../src/experiment/load.ts";
import { initialWeights } from "../../src/experiment/weights.ts";
import { experimentFiles, SMALL } from "../experiment/experiment-files.ts";

const files = experimentFiles();
files.write("small.yaml", SMALL);

function open(...set: string[]) {
  const { experiment, components } = loadExperiment("small.yaml", { folder: files.folder, set });
  const { network } = components;
  const spikes = new Float64Array(network.neurons).fill(1);
  return { experiment, network, spikes, gradient: () => new Float64Array(network.weights).fill(0.5) };
}

/** Of two projections, in software. */
const NO_LIMITS = Float64Array.of(Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY);
const SGD = ["optimizer={ kind: sgd, learningRate: 0.1 }", "regularizers=[]"];

describe("one update", () => {
  it("moves each projection by its own share of the learning rate", () => {
    const { experiment, network, spikes, gradient } = open(
      ...SGD,
      "network.projections.input>hidden.learningRate=0.4",
    );
    const trainer = createTrainer(experiment, network, NO_LIMITS);
    const before = initialWeights(experiment, network);
    expect(trainer.state.weights).toEqual(before);
    trainer.update(0, gradient(), spikes);
    const steps = trainer.state.weights.map((weight, i) => before[i]! - weight);
    const [first, second] = network.projections;
    const of = (projection: typeof first): Float64Array =>
      steps.subarray(
        projection?.offset,
        (projection?.offset ?? 0) + (projection?.sources ?? 0) * (projection?.targets ?? 0),
      );
    for (const step of of(first)) expect(step).toBeCloseTo(0.4 * 0.1 * 0.5, 12);
    for (const step of of(second)) expect(step).toBeCloseTo(0.1 * 0.5, 12);
  });

  it("follows the schedule", () => {
    const { experiment, network } = open(...SGD, "schedule={ kind: exponential, gamma: 0.5 }");
    const trainer = createTrainer(experiment, network, NO_LIMITS);
    expect(trainer.learningRate(0)).toBeCloseTo(0.1, 12);
    expect(trainer.learningRate(2)).toBeCloseTo(0.025, 12);
  });

  it("ends at the largest weight of each projection, and can come back", () => {
    const { experiment, network, spikes } = open(...SGD);
    const trainer = createTrainer(experiment, network, Float64Array.of(0.25, Number.POSITIVE_INFINITY));
    const [limited, free] = network.projections;
    const end = (limited?.sources ?? 0) * (limited?.targets ?? 0);
    trainer.update(0, new Float64Array(network.weights).fill(-100), spikes);
    expect([...trainer.state.weights.subarray(0, end)]).toEqual(Array(end).fill(0.25));
    for (const weight of trainer.state.weights.subarray(free?.offset)) expect(weight).toBeGreaterThan(1);
    trainer.update(0, new Float64Array(network.weights).fill(1), spikes);
    for (const weight of trainer.state.weights.subarray(0, end)) expect(weight).toBeCloseTo(0.15, 12);
    trainer.update(0, new Float64Array(network.weights).fill(100), spikes);
    expect([...trainer.state.weights.subarray(0, end)]).toEqual(Array(end).fill(-0.25));
  });

  it("says whether the gradient was clipped, where the experiment asks for it", () => {
    const clipped = (...set: string[]) => {
      const { experiment, network, spikes, gradient } = open(...SGD, ...set);
      return createTrainer(experiment, network, NO_LIMITS).update(0, gradient(), spikes).clipped;
    };
    expect(clipped("training.clip.value=0.4")).toBe(true);
    expect(clipped("training.clip.value=0.6")).toBe(false);
    expect(clipped()).toBeUndefined();
  });

  it("returns what the regularizers add to the loss, and moves silent neurons by them", () => {
    const { experiment, network } = open(
      "optimizer={ kind: sgd, learningRate: 0.1 }",
      "regularizers=[{ kind: rate }]",
    );
    const trainer = createTrainer(experiment, network, NO_LIMITS);
    const before = trainer.state.weights.slice();
    const silent = new Float64Array(network.neurons);
    expect(trainer.update(0, new Float64Array(network.weights), silent).extra).toBeGreaterThan(0);
    expect(trainer.state.weights).not.toEqual(before);
  });
});

describe("the average of weights", () => {
  const AVERAGING = "training.averaging={ decay: 0.998, startEpoch: 1 }";

  it("is evaluated from its first step on; before that, and without averaging, the weights are evaluated", () => {
    const { experiment, network, spikes, gradient } = open(...SGD, AVERAGING);
    const trainer = createTrainer(experiment, network, NO_LIMITS);
    trainer.update(0, gradient(), spikes);
    expect(trainer.evaluated()).toBe(trainer.state.weights);
    trainer.update(1, gradient(), spikes);
    const first = trainer.state.weights.slice();
    trainer.update(1.5, gradient(), spikes);
    const second = trainer.state.weights;
    trainer.evaluated().forEach((mean, i) => {
      expect(mean).toBeCloseTo((first[i]! + second[i]!) / 2, 12);
    });
    expect(trainer.evaluated()).not.toEqual(second);
  });

  it("goes on from a state as if it had never stopped", () => {
    const { experiment, network, spikes, gradient } = open(AVERAGING);
    const whole = createTrainer(experiment, network, NO_LIMITS);
    whole.update(1, gradient(), spikes);
    const resumed = createTrainer(experiment, network, NO_LIMITS, structuredClone(whole.state));
    for (const trainer of [whole, resumed]) trainer.update(1.5, gradient(), spikes);
    expect(resumed.state).toEqual(whole.state);
  });
});

describe("an update of words", () => {
  const STEPS = Float64Array.of(0.02, 0.05);
  const LIMITS = Float64Array.of(0.02 * 63.5, 0.05 * 63.5);
  const CHIP = ["chip.kind=ideal", "training.update.kind=words"];
  const words = (weights: Float64Array, from: number, to: number, step: number): number[] =>
    Array.from(weights.subarray(from, to), (weight) => weight / step);

  it.each(["stochastic", "nearest"])("leaves whole steps within the limits (%s)", (rounding) => {
    const { experiment, network, spikes } = open(...SGD, ...CHIP, `training.update.rounding=${rounding}`);
    const trainer = createTrainer(experiment, network, LIMITS, undefined, undefined, STEPS);
    const end = network.projections[1]!.offset;
    for (const size of [0, 0.3, 1000]) {
      trainer.update(0, new Float64Array(network.weights).fill(size), spikes);
      for (const [from, to, step] of [
        [0, end, 0.02],
        [end, network.weights, 0.05],
      ] as const) {
        for (const word of words(trainer.state.weights, from, to, step)) {
          expect(word).toBeCloseTo(Math.round(word), 9);
          expect(Math.abs(word)).toBeLessThanOrEqual(63 + 1e-9);
        }
      }
    }
  });

  it("moves by the update on average when rounded by chance, and not at all to the nearest below half a step", () => {
    const meanStep = (rounding: string): number => {
      const { experiment, network, spikes } = open(...SGD, ...CHIP, `training.update.rounding=${rounding}`);
      const trainer = createTrainer(experiment, network, LIMITS, undefined, undefined, STEPS);
      const end = network.projections[1]!.offset;
      const before = trainer.state.weights.slice(0, end);
      const updates = 200;
      // 0.1 · 0.03 is 0.15 steps.
      for (let i = 0; i < updates; i++)
        trainer.update(0, new Float64Array(network.weights).fill(i % 2 === 0 ? 0.03 : 0), spikes);
      const moved = before.reduce((sum, weight, i) => sum + weight - trainer.state.weights[i]!, 0) / end;
      return moved / (0.02 * 0.15 * (updates / 2));
    };
    expect(meanStep("nearest")).toBe(0);
    // 50 weights, 100 draws each of deviation √(0.15 · 0.85): four standard errors.
    expect(Math.abs(meanStep("stochastic") - 1)).toBeLessThan(
      (4 * Math.sqrt(0.85 / 0.15)) / Math.sqrt(50 * 100),
    );
  });

  it("goes on from its state as if it had not stopped, and counts what changed", () => {
    const { experiment, network, spikes } = open(...SGD, ...CHIP);
    const whole = createTrainer(experiment, network, LIMITS, undefined, undefined, STEPS);
    const gradient = () => new Float64Array(network.weights).fill(0.05);
    whole.update(0, gradient(), spikes);
    const resumed = createTrainer(
      experiment,
      network,
      LIMITS,
      structuredClone(whole.state),
      undefined,
      STEPS,
    );
    for (const trainer of [whole, resumed]) trainer.update(1, gradient(), spikes);
    expect(resumed.state.weights).toEqual(whole.state.weights);
    expect(updateTraffic(network, resumed.state)).toEqual(updateTraffic(network, whole.state));
    const traffic = updateTraffic(network, whole.state)!;
    expect([traffic.updates, traffic.bytesPerUpdate]).toEqual([2, network.weights]);
    expect(traffic.changedPerUpdate).toBeGreaterThan(0);
    expect(traffic.changedPerUpdate).toBeLessThan(network.weights);
  });
});
