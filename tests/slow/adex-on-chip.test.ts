/**
 * The gradient of AdEx neurons from spikes that a chip has observed, against the model's own at the same words.
 *
 * On the ideal chip: 100 networks, 10 samples each, a loss that weighs every first spike. What differs is the kernel, single
 * precision and the 8 ns clock. With the slope at the threshold instead of the model's own, it would be several times too
 * small (docs/method.md, section 6).
 *
 * On a calibrated simulated chip, with its noise, its mismatch and what calibration leaves: the gradient that training uses,
 * of the experiment's loss over a batch of 50 samples. EVENTPROP_NETWORKS=100 gives the figures of docs/method.md.
 */

import { expect, test } from "vitest";
import { chipCalibrations } from "../../src/engine/chip-calibrations.ts";
import { type Executor, noCost, softwareExecutor, substrateOf } from "../../src/engine/executor.ts";
import { recordingRequests } from "../../src/engine/run-config.ts";
import { loadExperiment } from "../../src/experiment/load.ts";
import { initialWeights } from "../../src/experiment/weights.ts";
import { createEstimator } from "../../src/gradient/index.ts";
import { emptyCotangent, emptyLossValue } from "../../src/loss/types.ts";
import type { InputBatch, Observation, RecordingRequest } from "../../src/network/observation.ts";
import { experimentFiles } from "../experiment/experiment-files.ts";

const files = experimentFiles();

const TEXT = `name: adex-on-chip
data: { kind: yin-yang }
encoding: { kind: latency, early: 2 us, late: 26 us, bias: 2 us }
network:
  duration: 38 us
  populations:
    hidden: { model: adex, size: 60, adaptation: 0.2, adaptationJump: 0.1, tauAdaptation: 40 us,
      exponentialThreshold: 0.7, slopeFactor: 0.0714, tolerance: 1.0e-6 }
    readout: { model: li, size: 3 }
  projections:
    input>hidden: { rows: 5, init: { mean: 0.5, std: 1.2 } }
    hidden>readout: { init: { mean: 0.02, std: 0.1 } }
chip: { kind: ideal }
loss: { kind: max-over-time }
estimator: { kind: eventprop, slopeFloor: 0.1 }
`;

type Observe = (executor: Executor, inputs: InputBatch, run: number) => Promise<Observation[]>;

/** The experiment on `chip`, and its first `samples` samples. */
async function open(chip: string, samples: number, sampled: boolean) {
  const { experiment, components } = loadExperiment(files.write("adex.yaml", TEXT), {
    set: [`chip=${chip}`],
  });
  const { network, data, encoder, loss } = components;
  const all = encoder.encode(data.test);
  const offset = all.offset.slice(0, samples + 1);
  const inputs: InputBatch = { ...all, samples, offset, id: all.id.slice(0, samples) };
  const substrate = substrateOf(experiment, network, await chipCalibrations(experiment, () => {}));
  const estimator = createEstimator(substrate.network, experiment.estimator);
  const requests = sampled
    ? recordingRequests(substrate.network, loss, estimator)
    : network.populations.map((): RecordingRequest => ({ kind: "none" }));
  const executor = await substrate.open(requests);
  const software = softwareExecutor(executor.network, requests);
  const labels = data.test.labels;
  return { experiment, network, loss, labels, inputs, executor, software, estimator };
}

const observed: Observe = async (executor, inputs, run) => {
  const list: Observation[] = [];
  await executor.observe(inputs, run, (_, one) => list.push(structuredClone(one)), noCost());
  return list;
};

const product = (x: Float64Array, y: Float64Array): number =>
  x.reduce((sum, value, k) => sum + value * y[k]!, 0);
const cosine = (a: Float64Array, b: Float64Array): number =>
  product(a, b) / Math.sqrt(product(a, a) * product(b, b));
const ratio = (a: Float64Array, b: Float64Array): number => Math.sqrt(product(a, a) / product(b, b));
const mean = (values: readonly number[]): number => values.reduce((sum, one) => sum + one, 0) / values.length;

/** Its first spike of each neuron. */
function firstSpikes({ spikes: { count, index } }: Observation): Map<number, number> {
  const first = new Map<number, number>();
  for (let k = count - 1; k >= 0; k--) first.set(index[k]!, k);
  return first;
}

test("AdEx on the ideal chip: mean cosine with the model's own gradient at least 0.95, size 0.9 to 1.1", async () => {
  const samples = 10;
  const { experiment, network, inputs, executor, software, estimator } = await open(
    "{ kind: ideal }",
    samples,
    false,
  );
  const cosines: number[] = [];
  const ratios: number[] = [];
  for (let seed = 1; seed <= 100; seed++) {
    const weights = initialWeights({ ...experiment, seed }, network);
    const effective = (await executor.load(weights)).effective.slice();
    await software.load(effective);
    const both = [await observed(executor, inputs, seed), await observed(software, inputs, 0)];
    const gradients = both.map(() => new Float64Array(network.parameters));
    for (let sample = 0; sample < samples; sample++) {
      const firsts = both.map((list) => firstSpikes(list[sample]!));
      both.forEach((list, which) => {
        const cotangent = emptyCotangent(4096);
        for (const [neuron, spike] of firsts[which]!) {
          if (firsts.every((first) => first.has(neuron)))
            cotangent.spike[spike] = Math.sin(1 + 7.3 * neuron + 1.7 * sample);
        }
        const counts = { cappedJumps: 0, spikes: 0 };
        estimator.accumulate(list[sample]!, effective, cotangent, gradients[which]!, counts);
      });
    }
    const [a, b] = gradients as [Float64Array, Float64Array];
    cosines.push(cosine(a, b));
    ratios.push(ratio(a, b));
  }
  await executor.close();
  expect(mean(cosines)).toBeGreaterThanOrEqual(0.95);
  expect(mean(ratios)).toBeGreaterThan(0.9);
  expect(mean(ratios)).toBeLessThan(1.1);
}, 300_000);

test("AdEx on a simulated chip: the gradient of a batch points as the model's own, at its size", async () => {
  const networks = Number(process.env.EVENTPROP_NETWORKS ?? 15);
  const { experiment, network, loss, labels, inputs, executor, software, estimator } = await open(
    "{ kind: simulated, seed: 1 }",
    50,
    true,
  );
  const cosines: number[] = [];
  const ratios: number[] = [];
  const ofProjection = network.projections.map((): number[] => []);
  for (let seed = 1; seed <= networks; seed++) {
    const weights = initialWeights({ ...experiment, seed }, network);
    const effective = (await executor.load(weights)).effective.slice();
    await software.load(effective);
    const gradients: Float64Array[] = [];
    for (const on of [executor, software]) {
      const gradient = new Float64Array(network.parameters);
      const cotangent = emptyCotangent(4096);
      (await observed(on, inputs, seed)).forEach((observation, sample) => {
        loss.evaluate(observation, labels[sample]!, cotangent, emptyLossValue());
        const counts = { cappedJumps: 0, spikes: 0 };
        estimator.accumulate(observation, effective, cotangent, gradient, counts);
      });
      gradients.push(gradient);
    }
    const [a, b] = gradients as [Float64Array, Float64Array];
    cosines.push(cosine(a, b));
    ratios.push(ratio(a, b));
    network.projections.forEach(({ offset, sources, targets }, p) => {
      const cut = (whole: Float64Array) => whole.subarray(offset, offset + sources * targets);
      ofProjection[p]?.push(cosine(cut(a), cut(b)));
    });
  }
  await executor.close();
  expect(mean(cosines)).toBeGreaterThanOrEqual(0.93);
  expect(mean(ratios)).toBeGreaterThan(0.9);
  expect(mean(ratios)).toBeLessThan(1.1);
  // Of the hidden weights alone, whose gradient is 20 times smaller: forwards, far from parallel.
  expect(mean(ofProjection[0]!)).toBeGreaterThan(0.3);
}, 300_000);
