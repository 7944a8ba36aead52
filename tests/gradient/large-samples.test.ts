/** Samples with more events than the arrays of the exact adjoint have at first, in any order of sizes. */

import { describe, expect, it } from "vitest";
import { stream } from "../../src/core/random.ts";
import { createEstimator, type EstimatorConfig } from "../../src/gradient/index.ts";
import type { Estimator } from "../../src/gradient/types.ts";
import type { Cotangent } from "../../src/loss/types.ts";
import { buildNetwork, INPUT, type Network, type PopulationSpec } from "../../src/network/network.ts";
import {
  type Observation,
  pushSpike,
  pushVoltage,
  spikeList,
  voltageSamples,
} from "../../src/network/observation.ts";
import { deviation, largest, newCounts } from "../conformance/gradients.ts";

const EXACT: EstimatorConfig = { kind: "eventprop", slopeFloor: 0.02 };
const DURATION = 40;

/** Entries of the arrays for samples of usual size; more than those; more than there are after growing to that. */
const USUAL = 4096;
const LARGE = 9000;
const LARGER = 30_000;

function population(name: string, model: "lif" | "li", size: number): PopulationSpec {
  return { name, model, size, tauMem: 8, tauSynExc: 6, tauSynInh: 5, threshold: 1, reset: 0, refractory: 1 };
}

const HIDDEN = 3;
const READOUTS = 2;

/** A layer and readouts that see all spikes. `ends` joins further populations; their weights come last. */
function layers(...ends: readonly { readonly from: string; readonly to: string }[]): Network {
  const joined = [
    { from: INPUT, to: "hidden" },
    { from: "hidden", to: "readout" },
    { from: INPUT, to: "readout" },
    ...ends,
  ];
  return buildNetwork(
    2,
    [population("hidden", "lif", HIDDEN), population("readout", "li", READOUTS)],
    joined.map((projection) => ({ ...projection, rows: 1 })),
    DURATION,
  );
}

const LAYERED = layers();
/** All populations act on each other: the way back that looks for arrivals and samples by itself. */
const LOOP = layers({ from: "readout", to: "hidden" });

interface Sample {
  readonly observation: Observation;
  readonly cotangent: Cotangent;
}

/** So many inputs, hidden spikes and samples of readouts; everything counts, and the last samples come after all. */
function sample({ inputs = 6, spikes = 9, voltages = 4 }): Sample {
  const draws = stream(inputs + spikes + voltages, "test/room");
  const random = (count: number, sources: number) => {
    const list = spikeList(count);
    for (let entry = 0; entry < count; entry++) {
      pushSpike(list, ((entry + draws.uniform()) * DURATION) / (count + 1), draws.below(sources));
    }
    return list;
  };
  const samples = voltageSamples(voltages);
  const each = voltages / READOUTS;
  for (let entry = 0; entry < voltages; entry++) {
    const time = (((entry % each) + 1) * DURATION) / each;
    pushVoltage(samples, HIDDEN + Math.floor(entry / each), time, draws.normal());
  }
  const normal = (count: number) => Float64Array.from({ length: count }, () => draws.normal());
  return {
    observation: {
      duration: DURATION,
      inputs: random(inputs, 2),
      spikes: random(spikes, HIDDEN),
      voltages: samples,
    },
    cotangent: { spike: normal(spikes), voltage: normal(voltages) },
  };
}

function run(
  network: Network,
  weights: Float64Array,
  { observation, cotangent }: Sample,
  estimator = createEstimator(network, EXACT),
) {
  const gradient = new Float64Array(network.weights);
  const counts = newCounts();
  estimator.accumulate(observation, weights, cotangent, gradient, counts);
  return { gradient, counts };
}

/** First weights; smaller ones for more inputs, so that not every slope is capped. */
function weightsFor({ observation }: Sample): Float64Array {
  const draws = stream(1, "test/weights");
  const scale = Math.min(1, 100 / observation.inputs.count);
  return Float64Array.from({ length: LAYERED.weights }, () => scale * (1 + draws.normal()));
}

function expectBothWaysAlike(seen: Sample, estimator: Estimator): void {
  const weights = weightsFor(seen);
  const loopWeights = new Float64Array(LOOP.weights);
  loopWeights.set(weights);
  const expected = run(LOOP, loopWeights, seen);
  const { gradient, counts } = run(LAYERED, weights, seen, estimator);
  const own = expected.gradient.subarray(0, LAYERED.weights);
  expect(largest(own)).toBeGreaterThan(0);
  expect(deviation(own, gradient)).toBeLessThan(1e-9);
  expect(counts).toEqual(expected.counts);
}

describe("eventprop has room", () => {
  it("for inputs and samples, more of them each time and few again", () => {
    const estimator = createEstimator(LAYERED, EXACT);
    for (const size of [
      { inputs: 6 },
      { inputs: LARGE },
      { inputs: LARGER },
      { inputs: 6 },
      { voltages: LARGE },
      { voltages: 4 * LARGER },
      { inputs: USUAL - 10 },
      { inputs: USUAL - 9 },
    ]) {
      expectBothWaysAlike(sample(size), estimator);
    }
  });

  it("for the samples of two estimators in turn", () => {
    const [small, large] = [createEstimator(LAYERED, EXACT), createEstimator(LAYERED, EXACT)];
    for (const inputs of [LARGE, LARGER]) {
      expectBothWaysAlike(sample({ inputs }), large);
      expectBothWaysAlike(sample({}), small);
    }
  });

  it("for neurons, of which the last is as good as alone", () => {
    const { observation, cotangent } = sample({ voltages: 0 });
    const inputs = 2;
    const join = [{ from: INPUT, to: "layer", rows: 1 }];
    const [many, one] = [LARGE, 1].map((size) => {
      const network = buildNetwork(inputs, [population("layer", "lif", size)], join, DURATION);
      const spikes = { ...observation.spikes, index: observation.spikes.index.map(() => size - 1) };
      const weights = new Float64Array(network.weights).fill(1);
      return run(network, weights, { observation: { ...observation, spikes }, cotangent });
    });
    expect(largest(one!.gradient)).toBeGreaterThan(0);
    for (let input = 0; input < inputs; input++) {
      expect(many!.gradient[(input + 1) * LARGE - 1]).toBe(one!.gradient[input]);
    }
    expect(many!.counts).toEqual(one!.counts);
  });

  it("for spikes that arrive nowhere", () => {
    const network = buildNetwork(1, [population("alone", "lif", 1)], [], DURATION);
    const { observation, cotangent } = sample({ inputs: 0, spikes: LARGE, voltages: 2 });
    observation.spikes.index.fill(0);
    observation.voltages.neuron.fill(0);
    cotangent.spike.fill(0, 0, LARGE - 1);
    // At rest without a slope: the last spike passes nothing on to those before it.
    expect(run(network, new Float64Array(0), { observation, cotangent }).counts).toEqual({
      spikes: 1,
      cappedJumps: 1,
    });
  });

  it("for spikes that several projections bring to the same population", () => {
    const twice = layers({ from: INPUT, to: "readout" }, { from: INPUT, to: "hidden" });
    const seen = sample({ inputs: LARGE });
    const whole = weightsFor(seen);
    const [hidden, readout] = [2 * HIDDEN, 2 * READOUTS];
    const between = HIDDEN * READOUTS;
    // Either half of a weight has the gradient of the whole.
    const halves = new Float64Array(twice.weights);
    halves.set(whole.map((weight, at) => (at < hidden || at >= hidden + between ? weight / 2 : weight)));
    halves.set(halves.subarray(hidden + between, hidden + between + readout), whole.length);
    halves.set(halves.subarray(0, hidden), whole.length + readout);
    const expected = run(LAYERED, whole, seen).gradient;
    const actual = run(twice, halves, seen).gradient;
    expect(largest(expected)).toBeGreaterThan(0);
    expect(deviation(expected, actual.subarray(0, whole.length))).toBeLessThan(1e-9);
    expect(deviation(expected.subarray(0, hidden), actual.subarray(whole.length + readout))).toBeLessThan(
      1e-9,
    );
  });
});
