/**
 * The exact adjoint beyond its claim: spikes that the model would not make, and its two ways of going back (neuron by
 * neuron through layers, event by event where populations act on each other) against each other.
 */

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Stream, stream } from "../../src/core/random.ts";
import { createEstimator, type EstimatorConfig } from "../../src/gradient/index.ts";
import type { Cotangent } from "../../src/loss/types.ts";
import { buildNetwork, type Network } from "../../src/network/network.ts";
import {
  type Observation,
  pushSpike,
  pushVoltage,
  spikeList,
  voltageSamples,
} from "../../src/network/observation.ts";
import { gradientOf, inputSlice, newCounts, observe, type Problem } from "../conformance/gradients.ts";
import { randomNetwork, randomWeights, SHAPES, type Shape } from "../conformance/random-problems.ts";
import { singleNeuronRows } from "../reference/files.ts";

const EXACT: EstimatorConfig = { kind: "eventprop", slopeFloor: 0.02 };

/** An observation no model made: spikes anywhere, also within refractory times, on a coarse grid so that times tie. */
function arbitraryObservation(
  network: Network,
  draws: Stream,
): { observation: Observation; cotangent: Cotangent } {
  const { duration, inputs: inputCount, neurons, constants } = network;
  const time = (): number => Math.round(8 * duration * draws.uniform()) / 8;
  const fill = (count: number, source: () => number) => {
    const list = spikeList(8);
    const times = Array.from({ length: count }, time).sort((a, b) => a - b);
    for (const at of times) pushSpike(list, at, source());
    return list;
  };
  const spiking = Array.from({ length: neurons }, (_, j) => j).filter(
    (j) => constants.threshold[j]! < Number.POSITIVE_INFINITY,
  );
  const inputs = fill(8, () => draws.below(inputCount));
  const spikes = fill(draws.below(30), () => spiking[draws.below(spiking.length)]!);
  const voltages = voltageSamples(8);
  for (let neuron = 0; neuron < neurons; neuron++) {
    const times = Array.from({ length: draws.below(4) }, time).sort((a, b) => a - b);
    for (const at of times) pushVoltage(voltages, neuron, at, draws.normal());
  }
  const random = (length: number): Float64Array =>
    Float64Array.from({ length }, () => (draws.uniform() < 0.5 ? draws.normal() : 0));
  return {
    observation: { duration, inputs, spikes, voltages },
    cotangent: { spike: random(spikes.count), voltage: random(voltages.count) },
  };
}

/** The same network with projections of weight 0 that make it recurrent; its weights begin with the given ones. */
function madeRecurrent(network: Network): Network {
  const [first, ...others] = network.populations;
  const last = others.at(-1) ?? first!;
  const { projections, weights } = network;
  const loop = {
    name: `${last.name}>${first!.name}`,
    from: last.name,
    to: first!.name,
    sourceStart: network.inputs + last.start,
    sources: last.size,
    targetStart: first!.start,
    targets: first!.size,
    offset: weights,
    rows: 1,
  };
  return { ...network, projections: [...projections, loop], weights: weights + last.size * first!.size };
}

function run(network: Network, weights: Float64Array, seen: Observation, cotangent: Cotangent) {
  const gradient = new Float64Array(network.weights);
  const counts = newCounts();
  createEstimator(network, EXACT).accumulate(seen, weights, cotangent, gradient, counts);
  return { gradient, counts };
}

const layered: Readonly<Record<string, Shape>> = {
  ...Object.fromEntries(Object.entries(SHAPES).filter(([, { recurrent }]) => !recurrent)),
  "far from equal": { layers: [3, 3], readout: 2, recurrent: false, refractory: 2, spread: 0.4, ratio: 1.3 },
};

describe("eventprop on observations that no model made", () => {
  it.each(Object.entries({ ...layered, recurrent: SHAPES["recurrent, refractory, readout"]! }))(
    "is finite and counts its capped jumps: %s",
    (_name, shape) => {
      let capped = 0;
      fc.assert(
        fc.property(fc.nat(1_000_000), (seed) => {
          const draws = stream(seed, "test/arbitrary");
          const network = randomNetwork(shape, draws);
          const { observation, cotangent } = arbitraryObservation(network, draws);
          const { gradient, counts } = run(network, randomWeights(network, 1, draws), observation, cotangent);
          expect(gradient.every(Number.isFinite)).toBe(true);
          expect(counts.cappedJumps).toBeLessThanOrEqual(counts.spikes);
          expect(counts.spikes).toBeLessThanOrEqual(observation.spikes.count);
          capped += counts.cappedJumps;
        }),
        { numRuns: 50 },
      );
      expect(capped).toBeGreaterThan(0);
    },
  );

  it.each(Object.entries(layered))("goes both ways back alike: %s", (_name, shape) => {
    fc.assert(
      fc.property(fc.nat(1_000_000), (seed) => {
        const draws = stream(seed, "test/arbitrary");
        const network = randomNetwork(shape, draws);
        const loop = madeRecurrent(network);
        const weights = randomWeights(network, 1, draws);
        const loopWeights = new Float64Array(loop.weights);
        loopWeights.set(weights);
        const { observation, cotangent } = arbitraryObservation(network, draws);
        const layers = run(network, weights, observation, cotangent);
        const together = run(loop, loopWeights, observation, cotangent);
        const top = layers.gradient.reduce((most, value) => Math.max(most, Math.abs(value)), 1e-9);
        for (let i = 0; i < network.weights; i++) {
          expect(Math.abs(layers.gradient[i]! - together.gradient[i]!) / top).toBeLessThan(1e-9);
        }
      }),
      { numRuns: 50 },
    );
  });

  it("passes nothing on where the membrane does not rise, without a floor", () => {
    const network = oneNeuron(6, 6);
    const observation = { ...observe(problem(network, 1, 0)).observation };
    pushSpike(observation.spikes, 20, 0);
    const gradient = new Float64Array(1);
    const counts = newCounts();
    const cotangent = { spike: Float64Array.of(1), voltage: new Float64Array(0) };
    createEstimator(network, { kind: "eventprop", slopeFloor: 0 }).accumulate(
      observation,
      Float64Array.of(1),
      cotangent,
      gradient,
      counts,
    );
    expect(gradient[0]).toBe(0);
    expect(counts).toEqual({ spikes: 1, cappedJumps: 1 });
  });
});

function oneNeuron(tauMem: number, tauSyn: number): Network {
  return buildNetwork(
    1,
    [
      {
        name: "neuron",
        model: "lif",
        size: 1,
        tauMem,
        tauSynExc: tauSyn,
        tauSynInh: tauSyn,
        threshold: 1,
        reset: 0,
        refractory: 0,
      },
    ],
    [{ from: "input", to: "neuron", rows: 1 }],
    80,
  );
}

function problem(network: Network, weight: number, spike: number): Problem {
  return {
    network,
    weights: Float64Array.of(weight),
    inputs: inputSlice([0], [0]),
    loss: { kind: "spike-time", terms: [{ neuron: 0, spike, coefficient: 1 }] },
    label: 0,
  };
}

describe("one neuron, one input, L = T", () => {
  it("against single-neuron.json, 50 digits", () => {
    let checked = 0;
    for (const { tauMem, tauSyn, threshold, weight, dSpikeTime_dWeight: expected } of singleNeuronRows()) {
      if (expected === null || threshold !== 1) continue;
      const critical = tauMem === tauSyn ? Math.E : (tauMem / tauSyn) ** (tauMem / (tauMem - tauSyn));
      const network = oneNeuron(tauMem, tauSyn);
      for (const kind of ["eventprop", "first-spike"] as const) {
        if (kind === "first-spike" && tauMem !== tauSyn && tauMem !== 2 * tauSyn) continue;
        const estimator = createEstimator(network, { kind, slopeFloor: 0 });
        const gradient = gradientOf(problem(network, weight, 0), estimator)[0]!;
        const tolerance = weight / critical >= 1.01 ? 1e-9 : 1e-6;
        expect(Math.abs(gradient / expected - 1), `${kind}, w = ${weight}`).toBeLessThan(tolerance);
        checked++;
      }
    }
    expect(checked).toBeGreaterThan(20);
  });

  // τ = 6 µs, w = 1.1 e: numerical, 60 digits (J. Göltz et al. 2021 give the closed form).
  it("is the known −3.3370859695 at 1.1 times the critical weight", () => {
    const network = oneNeuron(6, 6);
    const gradient = gradientOf(problem(network, 1.1 * Math.E, 0), createEstimator(network, EXACT));
    expect(gradient[0]).toBeCloseTo(-3.3370859695, 9);
  });
});

describe("a maximum at the arrival of an inhibitory spike", () => {
  it("moves with that spike", () => {
    const tau = { tauMem: 6, tauSynExc: 6, tauSynInh: 6, threshold: 1, reset: 0 };
    const network = buildNetwork(
      2,
      [
        { name: "hidden", model: "lif", size: 1, refractory: 100, ...tau },
        { name: "readout", model: "li", size: 1, refractory: 0, ...tau },
      ],
      [
        { from: "input", to: "hidden", rows: 1 },
        { from: "input", to: "readout", rows: 1 },
        { from: "hidden", to: "readout", rows: 1 },
      ],
      38,
    );
    // Input 0 drives the hidden neuron, input 1 the readout, which the hidden spike cuts off as it rises.
    const weights = Float64Array.of(4, 0, 0, 3, -8);
    const loss = { kind: "max-over-time", scale: 1, chainScale: "exact", regularization: 0.5 } as const;
    const inputs = inputSlice([2, 3], [0, 1]);
    const at = (first: number): number =>
      observe({ network, weights: Float64Array.of(first, 0, 0, 3, -8), inputs, loss, label: 0 }).value.total;
    const seen = observe({ network, weights, inputs, loss, label: 0 }).observation;
    expect(seen.voltages.time[0]).toBe(seen.spikes.time[0]);
    const gradient = gradientOf(
      { network, weights, inputs, loss, label: 0 },
      createEstimator(network, EXACT),
    );
    const expected = (at(4 + 1e-5) - at(4 - 1e-5)) / 2e-5;
    expect(Math.abs(expected)).toBeGreaterThan(0.01);
    expect(gradient[0]! / expected).toBeCloseTo(1, 7);
    expect(gradient[4]).toBe(0);
  });
});
