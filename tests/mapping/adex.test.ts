/** Words of adaptation and the exponential current: what they stand for, what has none, and what the ideal chip does with them. */

import { describe, expect, it, test } from "vitest";
import type { Calibration } from "../../src/calibration/types.ts";
import { ideal } from "../../src/chip/ideal.ts";
import { createKernel } from "../../src/chip/kernel/host.ts";
import { trueNeurons } from "../../src/chip/simulated/probe.ts";
import { stream } from "../../src/core/random.ts";
import { adexConstants, adexWords, beyondCircuit, type Extra } from "../../src/mapping/adex.ts";
import { sharedCalibration } from "../../src/mapping/calibrations.ts";
import { mapNetwork } from "../../src/mapping/mapped-network.ts";
import { placeNetwork } from "../../src/mapping/place.ts";
import { buildNetwork, type Network } from "../../src/network/network.ts";
import type { RecordingRequest } from "../../src/network/observation.ts";
import { createObservation, createSimulator } from "../../src/network/simulate.ts";
import { NEUTRAL } from "../../src/neuron/constants.ts";
import { handCalibration } from "./hand-calibration.ts";

const SCALE = { leak: 80, unit: 70, tauMem: 6 };
const EXTRA: Extra = {
  ...NEUTRAL,
  adaptation: 0.2,
  adaptationJump: 0.1,
  tauAdaptation: 40,
  exponentialThreshold: 0.7,
  slopeFactor: 5 / 70,
};

describe("words of adaptation and the exponential current", () => {
  test("stand for the constants, to half a code", () => {
    const made = adexConstants(adexWords(EXTRA, SCALE), EXTRA, SCALE);
    expect(made.adaptation).toBeCloseTo(0.2, 2);
    expect(made.adaptationJump).toBeCloseTo(0.1, 3);
    expect(Math.abs(made.tauAdaptation - 40)).toBeLessThan(0.05);
    expect(Math.abs(made.exponentialThreshold - 0.7)).toBeLessThan(0.004);
    expect(made.slopeFactor).toBeCloseTo(5 / 70, 12);
  });

  test("are off where a model has neither", () => {
    const words = adexWords({ ...EXTRA, adaptation: 0, adaptationJump: 0, slopeFactor: 0 }, SCALE);
    expect([words.adaptationOn, words.exponentialOn]).toEqual([0, 0]);
  });

  test.each([
    ["thresholdJump", { thresholdJump: 0.1 }],
    ["adaptation", { adaptation: 4 }],
    ["adaptation", { adaptation: -0.1 }],
    ["adaptationJump", { adaptationJump: 0.3 }],
    ["tauAdaptation", { tauAdaptation: 20 }],
    ["slopeFactor", { slopeFactor: 0.1 }],
    ["exponentialThreshold", { exponentialThreshold: -2 }],
  ] as const)("do not exist for %s of %o", (constant, change) => {
    expect(beyondCircuit(EXTRA, SCALE)).toBeUndefined();
    expect(beyondCircuit({ ...EXTRA, ...change }, SCALE)?.constant).toBe(constant);
  });
});

const SAMPLES = 20;

function adaptiveNetwork(extra: Partial<Extra>): Network {
  const tau = { tauMem: 6, tauSynExc: 6, tauSynInh: 6, threshold: 1, reset: 0, refractory: 1 };
  return buildNetwork(
    5,
    [{ name: "hidden", model: "adex", size: 40, ...tau, extra: { ...extra, tolerance: 1e-9 } }],
    [{ from: "input", to: "hidden", rows: 5 }],
    60,
  );
}

/** Spikes of the ideal chip and of the model at its words: how many, how many without partner, the middle distance. */
async function compare(chosen: Partial<Extra>, modelled = chosen) {
  const chip = ideal.create({}, createKernel());
  const calibration: Calibration = handCalibration();
  calibration.words.quadrants.synapseDacBias.fill(calibration.target.synapseDacBias);
  calibration.words.neurons.thresholdOn.fill(1);
  await chip.configure({ neurons: calibration.words.neurons, quadrants: calibration.words.quadrants });
  const measured = { ...calibration.measured, ...trueNeurons(chip) };
  const perfect = { ...calibration, measured, strength: measured.strengthExc[0]! };
  const mapOf = (network: Network) =>
    mapNetwork(network, placeNetwork(network), sharedCalibration(network, perfect));
  const mapped = mapOf(adaptiveNetwork(chosen));
  const draws = stream(3, "test/adex");
  const weights = Float64Array.from({ length: mapped.network.parameters }, () => 1 + 0.4 * draws.normal());
  mapped.writeWeights(weights);
  await mapped.configureAll(chip);
  const effective = weights.slice();
  mapped.readWeights(effective);
  const inputs = {
    samples: SAMPLES,
    offset: Int32Array.from({ length: SAMPLES + 1 }, (_, sample) => 5 * sample),
    time: Float64Array.from(
      Array.from({ length: SAMPLES }, () =>
        Array.from({ length: 5 }, () => 2 + 24 * draws.uniform()).sort((a, b) => a - b),
      ).flat(),
    ),
    source: Int32Array.from({ length: 5 * SAMPLES }, (_, k) => k % 5),
    id: Int32Array.from({ length: SAMPLES }, (_, sample) => sample),
  };
  const recording = await chip.run(mapped.encode(inputs), { spikes: true });
  const seen = createObservation(mapped.network);
  const exact = createObservation(mapped.network);
  const simulator = createSimulator(mapOf(adaptiveNetwork(modelled)).network);
  const record: RecordingRequest[] = [{ kind: "none" }];
  const distances: number[] = [];
  let spikes = 0;
  let alone = 0;
  for (let sample = 0; sample < SAMPLES; sample++) {
    mapped.decode(recording, sample, seen);
    const { time, index, count } = seen.inputs;
    simulator.run(effective, { time, source: index, from: 0, to: count }, record, exact);
    for (let neuron = 0; neuron < 40; neuron++) {
      const [chips, models] = [seen, exact].map(({ spikes: { time, index, count } }) =>
        Array.from(time.subarray(0, count)).filter((_, k) => index[k] === neuron),
      ) as [number[], number[]];
      spikes += models.length;
      alone += Math.abs(models.length - chips.length);
      models.forEach((at, k) => {
        if (k < chips.length) distances.push(Math.abs(at - chips[k]!));
      });
    }
  }
  distances.sort((a, b) => a - b);
  return { spikes, alone, median: distances[distances.length >> 1]! };
}

describe("the ideal chip and the model at the words of the chip", () => {
  it("spike alike with adaptation and the exponential current", async () => {
    const { spikes, alone, median } = await compare(EXTRA);
    expect(spikes).toBeGreaterThan(20 * SAMPLES);
    expect(alone).toBeLessThan(0.01 * spikes);
    expect(median).toBeLessThan(0.02);
  });

  it("negative controls: do not when the model lacks one of them", async () => {
    const lacks = [
      { ...EXTRA, adaptation: 0, adaptationJump: 0 },
      { ...EXTRA, slopeFactor: 0 },
    ];
    for (const modelled of lacks) expect((await compare(EXTRA, modelled)).median).toBeGreaterThan(0.1);
  });
});
