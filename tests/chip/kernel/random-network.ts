/** Networks and inputs of every kind that the membrane kernel takes, made from one seed. */

import type {
  KernelAdex,
  KernelInput,
  KernelNeurons,
  SynapticJumps,
} from "../../../src/chip/kernel/kernel.ts";
import { type Stream, stream } from "../../../src/core/random.ts";

export interface RandomNetwork {
  readonly seed: number;
  readonly count: number;
  readonly count0: number;
  readonly step: number;
  readonly noise: boolean;
  readonly saturation: boolean;
  readonly rails: boolean;
  readonly recurrent: boolean;
  readonly adex: boolean;
  readonly shortRefractory: boolean;
  readonly strong: number;
  /** Events come with the ticks of the chip's clock; else at any time. */
  readonly clocked: boolean;
}

function each(count: number, value: (neuron: number) => number): Float64Array {
  return Float64Array.from({ length: count }, (_, neuron) => value(neuron));
}

function adexOf(count: number, draws: Stream): KernelAdex {
  const exponential = (): boolean => draws.uniform() < 0.5;
  return {
    expSlope: each(count, () => (exponential() ? 2 + 4 * draws.uniform() : 0)),
    expThreshold: each(count, () => 120 + 20 * draws.uniform()),
    adaptTau: each(count, () => 20 + 100 * draws.uniform()),
    adaptA: each(count, () => (draws.uniform() < 0.5 ? 0.05 * draws.uniform() : 0)),
    adaptB: each(count, () => (draws.uniform() < 0.5 ? 2 * draws.uniform() : 0)),
    adaptLeak: each(count, () => 80),
  };
}

export function randomNeurons(network: RandomNetwork): KernelNeurons {
  const { count, count0 } = network;
  const draws = stream(network.seed, "test/kernel/neurons");
  const spread = (value: number, relative: number) =>
    each(count, () => value * (1 + relative * draws.normal()));
  const positive = (value: number) => each(count, () => value * Math.exp(0.3 * draws.normal()));
  const limited = (value: number) =>
    each(count, () => (network.saturation ? value * (0.5 + draws.uniform()) : Number.POSITIVE_INFINITY));
  return {
    count,
    group: Uint8Array.from({ length: count }, (_, neuron) => (neuron < count0 ? 0 : 1)),
    tauMem: positive(6),
    tauSynExc: positive(6),
    tauSynInh: positive(6),
    leak: spread(80, 0.05),
    threshold: each(count, () =>
      draws.uniform() < 0.15 ? Number.POSITIVE_INFINITY : 120 + 30 * draws.uniform(),
    ),
    reset: spread(75, 0.05),
    refractory: each(count, () => (network.shortRefractory ? 0.04 : 0.5) + 1.5 * draws.uniform()),
    noise: each(count, () => (network.noise ? 2 * draws.uniform() : 0)),
    saturationExc: limited(40),
    saturationInh: limited(30),
    railLow: each(count, () => (network.rails ? 60 : -1e4)),
    railHigh: each(count, () => (network.rails ? 160 : 1e4)),
    ...(network.adex ? { adex: adexOf(count, draws) } : {}),
  };
}

/** Five input rows, then one row for each neuron. */
export function randomJumps(network: RandomNetwork): SynapticJumps {
  const { count, recurrent } = network;
  const draws = stream(network.seed, "test/kernel/jumps");
  const rows = 5 + count;
  const exc = new Float32Array(rows * count);
  const inh = new Float32Array(rows * count);
  const readouts = Math.max(1, count >> 3);
  for (let row = 0; row < rows; row++) {
    for (let neuron = 0; neuron < count; neuron++) {
      if (row >= 5 && !recurrent && neuron < count - readouts) continue;
      if (draws.uniform() < 0.3) continue;
      const weight = network.strong * (row < 5 ? 6 + 10 * draws.normal() : 2 * draws.normal());
      if (weight > 0) exc[row * count + neuron] = weight;
      else inh[row * count + neuron] = -weight;
    }
  }
  const spikeRow = Int32Array.from({ length: count }, (_, neuron) =>
    (recurrent || neuron < count - readouts) && draws.uniform() < 0.9 ? 5 + neuron : -1,
  );
  return { rows, exc, inh, spikeRow };
}

export function randomInput(network: RandomNetwork, entry: number): KernelInput {
  const draws = stream(network.seed, "test/kernel/input", entry);
  const events = Array.from({ length: 12 }, () => ({
    time: network.clocked ? Math.round((30 * draws.uniform()) / 0.008) * 0.008 : 30 * draws.uniform(),
    row: draws.below(5),
  }));
  events.push({ time: events[0]!.time, row: draws.below(5) });
  events.sort((one, other) => one.time - other.time);
  const sampleTimes = (): Float64Array => {
    const first = -2 + 3 * draws.uniform();
    return Float64Array.from({ length: 26 }, (_, k) => first + 1.3 * k);
  };
  const kind = draws.below(4);
  const trace = Float64Array.from({ length: 300 }, (_, k) => 5 + 0.034 * k);
  return {
    duration: 31.7,
    time: Float64Array.from(events, (event) => event.time),
    row: Int32Array.from(events, (event) => event.row),
    from: 0,
    to: events.length,
    eventNoise: network.noise ? 0.1 * draws.uniform() : 0,
    sampleTime: [sampleTimes(), sampleTimes()],
    traceNeuron: kind === 0 ? -1 : draws.below(network.count),
    traceSource: kind === 1 ? "membrane" : kind === 2 ? "synapse-exc" : "synapse-inh",
    traceTime: trace,
    noiseKey: Uint32Array.from({ length: 4 }, () => draws.word()),
  };
}

/** Neurons whose samples are wanted: some of a range, which may be empty, or all. */
export function randomSampled(network: RandomNetwork, entry: number): Uint8Array | undefined {
  const draws = stream(network.seed, "test/kernel/sampled", entry);
  if (draws.below(4) === 0) return undefined;
  const ends = [draws.below(network.count + 1), draws.below(network.count + 1)];
  const [from, to] = [Math.min(...ends), Math.max(...ends)];
  return Uint8Array.from({ length: network.count }, (_, neuron) =>
    neuron >= from && neuron < to && draws.uniform() < 0.7 ? 1 : 0,
  );
}
