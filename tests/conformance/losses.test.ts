/**
 * Each loss of the table: its cotangent is the derivative of its value, on random observations with missing outputs;
 * value and cotangent are finite; what is not its output does not matter; a missing spike is no reason to push others
 * later, unless the loss says so. Made with a wrong sign, the first check must fail.
 */

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Stream, stream } from "../../src/core/random.ts";
import { memberOf } from "../../src/core/table.ts";
import { createLoss, LOSSES, type LossConfig } from "../../src/loss/index.ts";
import { emptyCotangent, emptyLossValue } from "../../src/loss/types.ts";
import { buildNetwork } from "../../src/network/network.ts";
import {
  type Observation,
  pushSpike,
  pushVoltage,
  spikeList,
  voltageSamples,
} from "../../src/network/observation.ts";
import { withDefaults } from "./defaults.ts";

type Kind = LossConfig["kind"];

const OUTPUTS = 3;
const HIDDEN = 2;
const DURATION = 38;

/** What losses are tried with; the others, and what is not named here, with their defaults. */
const CHOSEN: { readonly [K in Kind]?: Partial<Extract<LossConfig, { readonly kind: K }>> } = {
  "max-over-time": { kind: "max-over-time", scale: 4, chainScale: "exact", regularization: 0.05 },
  "mean-over-time": { kind: "mean-over-time", scale: 4, period: 2 },
  "soft-max-over-time": { kind: "soft-max-over-time", scale: 4, temperature: 0.5, period: 2 },
  "first-spike": { kind: "first-spike", tau0: 3, tau1: 9, alpha: 0.1, missingLabel: "no-gradient" },
  "target-times": { kind: "target-times", correct: 10, wrong: 20, unit: 5 },
  "relative-times": { kind: "relative-times", lead: 3, unit: 5 },
  "spike-count": { kind: "spike-count", scale: 1 },
  "mean-square": { kind: "mean-square", correct: 0.5, wrong: -0.2, period: 2, classWeights: [0.5, 2, 1.5] },
  "weighted-sum": {
    kind: "weighted-sum",
    terms: [
      { weight: 0.7, loss: { kind: "mean-over-time", scale: 4, period: 2 } },
      { weight: 1.3, loss: { kind: "target-times", output: "hidden", correct: 10, wrong: 20, unit: 5 } },
    ],
  },
  "voltage-at": {
    kind: "voltage-at",
    terms: [
      { neuron: 0, time: 7.3, coefficient: 1.5 },
      { neuron: 2, time: 0, coefficient: -0.5 },
      { neuron: 2, time: 38, coefficient: 2 },
      { neuron: 0, time: 7.3, coefficient: 0.25 },
    ],
  },
  "spike-time": {
    kind: "spike-time",
    terms: [
      { neuron: 0, spike: 0, coefficient: 1.5 },
      { neuron: 1, spike: 1, coefficient: -0.7 },
      { neuron: 1, spike: 1, coefficient: 0.2 },
    ],
  },
};

function configOf(kind: Kind): LossConfig {
  return withDefaults(memberOf(LOSSES, kind), CHOSEN[kind]);
}

const tau = { tauMem: 6, tauSynExc: 6, tauSynInh: 6, threshold: 1, reset: 0, refractory: 0 };
const network = buildNetwork(
  1,
  [
    { name: "hidden", model: "lif", size: HIDDEN, ...tau },
    { name: "output", model: "lif", size: OUTPUTS, ...tau },
  ],
  [
    { from: "input", to: "hidden", rows: 1 },
    { from: "hidden", to: "output", rows: 1 },
  ],
  DURATION,
);

/** Spikes and samples of all neurons; outputs have none of a kind with probability `missing`. */
function randomObservation(draws: Stream, missing: number): Observation {
  const spikes = spikeList(16);
  const voltages = voltageSamples(16);
  const events: [number, number][] = [];
  for (let neuron = 0; neuron < HIDDEN + OUTPUTS; neuron++) {
    if (draws.uniform() >= missing) {
      for (let n = 1 + draws.below(4); n > 0; n--) events.push([DURATION * draws.uniform(), neuron]);
    }
    if (draws.uniform() < missing) continue;
    let time = 3 * draws.uniform();
    do {
      pushVoltage(voltages, neuron, time, draws.normal());
      time += 0.5 + 3 * draws.uniform();
    } while (time < DURATION);
  }
  for (const [time, neuron] of events.sort((a, b) => a[0] - b[0])) pushSpike(spikes, time, neuron);
  return { duration: DURATION, inputs: spikeList(1), spikes, voltages };
}

/** Every output does the same: one spike at 12 µs and the same potentials. */
function tiedObservation(): Observation {
  const spikes = spikeList(OUTPUTS);
  const voltages = voltageSamples(16);
  for (let neuron = HIDDEN; neuron < HIDDEN + OUTPUTS; neuron++) {
    pushSpike(spikes, 12, neuron);
    for (const time of [1, 5, 30]) pushVoltage(voltages, neuron, time, 0.1 * time);
  }
  return { duration: DURATION, inputs: spikeList(1), spikes, voltages };
}

function evaluate(kind: Kind, observation: Observation, label: number) {
  const cotangent = emptyCotangent(0);
  const value = emptyLossValue();
  createLoss(network, configOf(kind)).evaluate(observation, label, cotangent, value);
  return { cotangent, value };
}

/**
 * Largest difference between `cotangent` and central differences of the value. Steps of 1e-6 make errors of some
 * 1e-10 (truncation) and 1e-9 (rounding of values of order 10).
 */
function cotangentError(kind: Kind, observation: Observation, label: number, sign: number): number {
  const { cotangent } = evaluate(kind, observation, label);
  const step = 1e-6;
  let worst = 0;
  const check = (array: Float64Array, entry: number, claimed: number): void => {
    const own = array[entry]!;
    array[entry] = own + step;
    const up = evaluate(kind, observation, label).value.total;
    array[entry] = own - step;
    const down = evaluate(kind, observation, label).value.total;
    array[entry] = own;
    const expected = (up - down) / (2 * step);
    worst = Math.max(worst, Math.abs(expected - sign * claimed) / (1 + Math.abs(expected)));
  };
  const { spikes, voltages } = observation;
  for (let k = 0; k < spikes.count; k++) check(spikes.time, k, cotangent.spike[k]!);
  for (let k = 0; k < voltages.count; k++) check(voltages.value, k, cotangent.voltage[k]!);
  return worst;
}

describe.each(LOSSES.map(({ kind }) => kind))("%s", (kind) => {
  it("has the derivative of its value as cotangent", () => {
    fc.assert(
      fc.property(fc.nat(1_000_000), fc.nat(OUTPUTS - 1), (seed, label) => {
        const observation = randomObservation(stream(seed, "test/loss"), 0.3);
        expect(cotangentError(kind, observation, label, 1)).toBeLessThan(1e-7);
      }),
      { numRuns: 60 },
    );
  });

  it("would not pass that check with a wrong sign", () => {
    const errors = Array.from({ length: 10 }, (_, seed) =>
      cotangentError(kind, randomObservation(stream(seed, "test/loss"), 0), 0, -1),
    );
    expect(Math.min(...errors)).toBeGreaterThan(1e-3);
  });

  it("adds up its parts, stays finite and counts missing spikes", () => {
    const { cotangent, value } = evaluate(kind, randomObservation(stream(1, "test/loss"), 1), 1);
    expect(Number.isFinite(value.total)).toBe(true);
    expect(value.total).toBeCloseTo(value.classification + value.regularization, 12);
    expect(value.missingOutputs).toBeGreaterThan(0);
    expect(value.prediction).toBe(-1);
    expect([...cotangent.spike, ...cotangent.voltage].every((entry) => entry === 0)).toBe(true);
  });

  it("overwrites what an earlier, larger sample left behind", () => {
    const loss = createLoss(network, configOf(kind));
    const cotangent = emptyCotangent(0);
    const value = emptyLossValue();
    const large = randomObservation(stream(2, "test/loss"), 0);
    const small = randomObservation(stream(5, "test/loss"), 0.6);
    loss.evaluate(large, 0, cotangent, value);
    loss.evaluate(small, 2, cotangent, value);
    const fresh = evaluate(kind, small, 2);
    expect(value).toEqual(fresh.value);
    const { count: spikes } = small.spikes;
    const { count: samples } = small.voltages;
    expect([...cotangent.spike.slice(0, spikes)]).toEqual([...fresh.cotangent.spike.slice(0, spikes)]);
    expect([...cotangent.voltage.slice(0, samples)]).toEqual([...fresh.cotangent.voltage.slice(0, samples)]);
  });

  it("predicts the best score, and nothing when two outputs share it", () => {
    const loss = createLoss(network, configOf(kind));
    const value = emptyLossValue();
    for (let seed = 0; seed < 20; seed++) {
      loss.evaluate(randomObservation(stream(seed, "test/loss"), 0), 1, emptyCotangent(0), value);
      if (loss.scores.length === 0) {
        expect(value.prediction).toBe(-1);
        continue;
      }
      expect(loss.scores).toHaveLength(OUTPUTS);
      expect(value.prediction).toBe(loss.scores.indexOf(Math.max(...loss.scores)));
    }
    loss.evaluate(tiedObservation(), 1, emptyCotangent(0), value);
    expect(value.prediction).toBe(-1);
    expect(value.missingOutputs).toBeLessThanOrEqual(["spike-time", "weighted-sum"].includes(kind) ? 2 : 0);
  });

  it("reads only what it says it reads", () => {
    const loss = createLoss(network, configOf(kind));
    const { cotangent } = evaluate(kind, randomObservation(stream(3, "test/loss"), 0), 0);
    expect(cotangent.spike.some((entry) => entry !== 0)).toBe(loss.readsSpikes);
    expect(cotangent.voltage.some((entry) => entry !== 0)).toBe(loss.voltages.kind !== "none");
    expect(loss.output).toBe("output");
  });

  const { missingSpike } = memberOf(LOSSES, kind);
  it("states what it asks of a missing spike when it reads spikes, and only then", () => {
    expect(missingSpike !== null).toBe(createLoss(network, configOf(kind)).readsSpikes);
  });

  if (missingSpike === null) return;
  it(`pushes others later because a spike is missing: ${missingSpike.pushesOthersLater}`, () => {
    const pushes = Array.from({ length: 60 }, (_, seed) => largestAddedPush(kind, seed));
    if (missingSpike.pushesOthersLater) expect(Math.max(...pushes)).toBeGreaterThan(1e-3);
    else expect(Math.max(...pushes)).toBeLessThan(1e-12);
  });
});

/**
 * By how much a missing output makes the loss push a spike of another output later (−∂L/∂t of that spike) than the
 * same sample does in which the missing output has the spike that makes the loss smallest.
 */
function largestAddedPush(kind: Kind, seed: number, loss = createLoss(network, configOf(kind))): number {
  const draws = stream(seed, "test/missing-spike");
  const [missing, label] = [draws.below(OUTPUTS), draws.below(OUTPUTS)];
  const others = Array.from({ length: OUTPUTS }, (_, output) => ({
    time: DURATION * draws.uniform(),
    neuron: HIDDEN + output,
  })).filter(({ neuron }) => neuron !== HIDDEN + missing);
  const judged = (added?: number) => {
    const spikes = spikeList(OUTPUTS);
    const all = added === undefined ? others : [...others, { time: added, neuron: HIDDEN + missing }];
    for (const { time, neuron } of [...all].sort((a, b) => a.time - b.time)) pushSpike(spikes, time, neuron);
    const observation = { duration: DURATION, inputs: spikeList(1), spikes, voltages: voltageSamples(1) };
    const cotangent = emptyCotangent();
    const value = emptyLossValue();
    loss.evaluate(observation, label, cotangent, value);
    const pushOf = (neuron: number): number => -cotangent.spike[spikes.index.indexOf(neuron)]!;
    return { total: value.total, pushes: others.map(({ neuron }) => pushOf(neuron)) };
  };
  const best = Array.from({ length: 101 }, (_, i) => judged((DURATION * i) / 100)).reduce((a, b) =>
    b.total < a.total ? b : a,
  );
  return Math.max(...judged().pushes.map((push, i) => Math.max(push, 0) - Math.max(best.pushes[i]!, 0)));
}

it("the law of missing spikes catches a loss that takes the end of the sample for the label's missing spike", () => {
  const pushing = createLoss(network, {
    ...configOf("first-spike"),
    missingLabel: "end-of-sample",
  } as LossConfig);
  const pushes = Array.from({ length: 20 }, (_, seed) => largestAddedPush("first-spike", seed, pushing));
  expect(Math.max(...pushes)).toBeGreaterThan(0.1);
});
