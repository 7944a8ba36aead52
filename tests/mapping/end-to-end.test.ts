/**
 * The whole mapping against the exact simulator: a network programmed onto the ideal chip must do what the
 * software does with the same quantized weights. The only differences left are the 8 ns clock, the 8-bit
 * converter and the kernel's own accuracy (single precision; tests/kernels).
 */

import { describe, expect, it } from "vitest";
import type { Calibration } from "../../src/calibration/types.ts";
import { ideal } from "../../src/chip/ideal.ts";
import { createKernel } from "../../src/chip/kernel/host.ts";
import { trueNeurons } from "../../src/chip/simulated/probe.ts";
import type { Chip, ChipConfig } from "../../src/chip/types.ts";
import { stream } from "../../src/core/random.ts";
import { sharedCalibration } from "../../src/mapping/calibrations.ts";
import { mapNetwork } from "../../src/mapping/mapped-network.ts";
import { placeNetwork } from "../../src/mapping/place.ts";
import { buildNetwork, type Network } from "../../src/network/network.ts";
import type { InputBatch, Observation, RecordingRequest } from "../../src/network/observation.ts";
import { writeInitial } from "../../src/network/parameters.ts";
import { createObservation, createSimulator } from "../../src/network/simulate.ts";
import { handCalibration } from "./hand-calibration.ts";
import { networkOf, yinYang } from "./networks.ts";

const SAMPLES = 40;
const LSB_PER_UNIT = 70;

/** What a perfect measurement of the ideal chip at its default words gives. */
async function perfectCalibration(chip: Chip): Promise<Calibration> {
  const calibration = handCalibration();
  calibration.words.quadrants.synapseDacBias.fill(calibration.target.synapseDacBias);
  calibration.words.neurons.thresholdOn.fill(1);
  await chip.configure({ neurons: calibration.words.neurons, quadrants: calibration.words.quadrants });
  const measured = { ...calibration.measured, ...trueNeurons(chip) };
  return { ...calibration, measured, strength: measured.strengthExc[0]! };
}

/** Yin-Yang-like samples: each input once, one at a fixed time. */
function inputsOf(network: Network): InputBatch {
  const random = stream(11, "test/inputs");
  const time: number[] = [];
  const source: number[] = [];
  for (let sample = 0; sample < SAMPLES; sample++) {
    Array.from(
      { length: network.inputs },
      (_, input) => [input === 0 ? 2 : 2 + 24 * random.uniform(), input] as const,
    )
      .sort((a, b) => a[0] - b[0])
      .forEach(([when, input]) => {
        time.push(when);
        source.push(input);
      });
  }
  return {
    samples: SAMPLES,
    offset: Int32Array.from({ length: SAMPLES + 1 }, (_, sample) => sample * network.inputs),
    time: Float64Array.from(time),
    source: Int32Array.from(source),
    id: Int32Array.from({ length: SAMPLES }, (_, sample) => sample),
  };
}

/** Normal weights, [mean, standard deviation] per projection, model units. */
function weightsOf(network: Network, law: Readonly<Record<string, readonly [number, number]>>): Float64Array {
  const random = stream(5, "test/weights");
  const weights = new Float64Array(network.parameters);
  writeInitial(network.segments, weights);
  // Other delays for every input.
  for (let place = network.weights; place < weights.length; place++)
    weights[place] = weights[place]! + 0.5 * random.normal();
  for (const { name, offset, sources, targets } of network.projections) {
    const [mean, spread] = law[name] as readonly [number, number];
    for (let i = 0; i < sources * targets; i++) weights[offset + i] = mean + spread * random.normal();
  }
  return weights;
}

interface Comparison {
  spikes: number;
  missing: number;
  extra: number;
  /** Distance of matched spikes, µs: median, and the one that 99.9 % do not exceed. */
  median: number;
  most: number;
  /** Largest distance of samples, LSB. */
  worstSample: number;
  samples: number;
}

async function compare(
  network: Network,
  weights: Float64Array,
  spoil: (config: ChipConfig) => void = () => {},
): Promise<Comparison> {
  const chip = ideal.create({}, createKernel());
  const calibration = await perfectCalibration(chip);
  const mapped = mapNetwork(network, placeNetwork(network), sharedCalibration(network, calibration));
  mapped.writeWeights(weights);
  spoil(mapped.config);
  await mapped.configureAll(chip);
  const quantized = weights.slice();
  mapped.readWeights(quantized);

  const recording = await chip.run(mapped.encode(inputsOf(network)), {
    spikes: true,
    cadc: { memory: "sram", recordedNeurons: mapped.circuits(["readout"]) },
  });
  const seen = createObservation(network);
  const exact = createObservation(network);
  const simulator = createSimulator(mapped.network);
  const result: Comparison = {
    spikes: 0,
    missing: 0,
    extra: 0,
    median: 0,
    most: 0,
    worstSample: 0,
    samples: 0,
  };
  const distances: number[] = [];
  for (let sample = 0; sample < SAMPLES; sample++) {
    mapped.decode(recording, sample, seen);
    const { voltages, inputs } = seen;
    const times = Array.from(voltages.time.subarray(0, voltages.count / 3));
    const record = network.populations.map(
      ({ name }): RecordingRequest => (name === "readout" ? { kind: "at", times } : { kind: "none" }),
    );
    simulator.run(
      quantized,
      { time: inputs.time, source: inputs.index, from: 0, to: inputs.count },
      record,
      exact,
    );
    expect(exact.voltages.count).toBe(voltages.count);
    for (let i = 0; i < voltages.count; i++) {
      expect(voltages.neuron[i]).toBe(exact.voltages.neuron[i]);
      const distance = Math.abs(voltages.value[i]! - exact.voltages.value[i]!);
      result.worstSample = Math.max(result.worstSample, distance * LSB_PER_UNIT);
      result.samples++;
    }
    matchSpikes(network, seen, exact, result, distances);
  }
  distances.sort((a, b) => a - b);
  result.most = distances[Math.floor(0.999 * distances.length)]!;
  result.median = distances[distances.length >> 1]!;
  return result;
}

function matchSpikes(
  network: Network,
  seen: Observation,
  exact: Observation,
  result: Comparison,
  distances: number[],
): void {
  const timesOf = ({ spikes }: Observation, neuron: number): number[] =>
    Array.from(spikes.time.subarray(0, spikes.count)).filter((_, i) => spikes.index[i] === neuron);
  for (let neuron = 0; neuron < network.neurons; neuron++) {
    const chip = timesOf(seen, neuron);
    const software = timesOf(exact, neuron);
    const common = Math.min(chip.length, software.length);
    result.spikes += software.length;
    result.missing += software.length - common;
    result.extra += chip.length - common;
    for (let i = 0; i < common; i++) distances.push(Math.abs(chip[i]! - software[i]!));
  }
}

/** The Yin-Yang network with delays of its inputs. */
function delayedInputs(): Network {
  const tau = { tauMem: 6, tauSynExc: 6, tauSynInh: 6, threshold: 1, reset: 0, refractory: 1 };
  return buildNetwork(
    5,
    [
      { name: "hidden", model: "lif", size: 120, ...tau },
      { name: "readout", model: "li", size: 3, ...tau },
    ],
    [
      {
        from: "input",
        to: "hidden",
        rows: 5,
        delay: { kind: "axonal", initial: 3, maximum: 8, learningRate: 1 },
      },
      { from: "hidden", to: "readout", rows: 1 },
    ],
    38,
  );
}

describe("ideal chip and exact simulator at the quantized weights", () => {
  it("agree on the Yin-Yang network within the clock and the converter", async () => {
    const network = yinYang();
    const weights = weightsOf(network, { "input>hidden": [0.9, 0.4], "hidden>readout": [0, 0.1] });
    const result = await compare(network, weights);
    expect(result.spikes).toBeGreaterThan(40 * SAMPLES);
    expect(result.missing + result.extra).toBeLessThanOrEqual(0.0005 * result.spikes);
    // Half a tick of rounding, uniform, so a quarter in the median; neurons that fire together on one event
    // output are stamped one tick after the other.
    expect(result.median).toBeLessThan(0.0025);
    expect(result.most).toBeLessThan(0.004 + 2 * 0.008);
    // Half a code of rounding; spikes and kernel move the membrane by much less than a tenth.
    expect(result.samples).toBe(SAMPLES * 3 * 22);
    expect(result.worstSample).toBeLessThan(0.6);
  });

  it("agree where the host delays the inputs", async () => {
    const network = delayedInputs();
    const weights = weightsOf(network, { "input>hidden": [0.9, 0.4], "hidden>readout": [0, 0.1] });
    const result = await compare(network, weights);
    expect(result.spikes).toBeGreaterThan(40 * SAMPLES);
    expect(result.missing + result.extra).toBeLessThanOrEqual(0.0005 * result.spikes);
    expect(result.median).toBeLessThan(0.0025);
    expect(result.most).toBeLessThan(0.004 + 2 * 0.008);
    expect(result.worstSample).toBeLessThan(0.6);
  });

  it("agree on a recurrent network with copies split over buses", async () => {
    const network = networkOf(
      4,
      [
        ["hidden", 106, "lif"],
        ["readout", 3, "li"],
      ],
      [
        ["input", "hidden", 5],
        ["hidden", "hidden", 1],
        ["hidden", "readout", 1],
      ],
    );
    const weights = weightsOf(network, {
      "input>hidden": [1.2, 0.03],
      "hidden>hidden": [0, 0.03],
      "hidden>readout": [0, 0.1],
    });
    const result = await compare(network, weights);
    expect(result.spikes).toBeGreaterThan(40 * SAMPLES);
    expect(result.missing + result.extra).toBeLessThanOrEqual(0.001 * result.spikes);
    // Recurrence passes errors of the kernel on, and spikes near the threshold's tangent amplify them.
    expect(result.median).toBeLessThan(0.004);
    expect(result.most).toBeLessThan(0.05);
    expect(result.worstSample).toBeLessThan(0.6);
  });

  it("agree on neurons of two coupled circuits with 200 inputs", async () => {
    const network = networkOf(
      200,
      [
        ["hidden", 40, "lif"],
        ["readout", 3, "li"],
      ],
      [
        ["input", "hidden", 1],
        ["hidden", "readout", 1],
      ],
    );
    const weights = weightsOf(network, { "input>hidden": [0.03, 0.1], "hidden>readout": [0, 0.1] });
    const result = await compare(network, weights);
    expect(result.spikes).toBeGreaterThan(20 * SAMPLES);
    // The capacitance word is whole: 57 + 2 · 6.3 LSB are 0.4 % more than 63 + 6.3.
    expect(result.missing + result.extra).toBeLessThanOrEqual(0.01 * result.spikes);
    expect(result.median).toBeLessThan(0.05);
    // One spike more or less moves a readout by a whole weight.
    expect(result.worstSample).toBeLessThan(8);
  });

  it("negative control: disagree when one driver has its signs swapped", async () => {
    const network = yinYang();
    const weights = weightsOf(network, { "input>hidden": [0.9, 0.4], "hidden>readout": [0, 0.1] });
    const result = await compare(network, weights, (config) => {
      config.routing.rowMode.set([2, 1]);
    });
    expect(result.missing + result.extra).toBeGreaterThan(0.01 * result.spikes);
  });
});
