/**
 * Draws networks of every kind that is hard to simulate (equal, nearly equal and far apart time constants, other ones
 * for inhibition, ties, thresholds that are grazed, long and short refractory times, recurrence, strong opposed weights)
 * and runs them through the kernel and through the exact event-driven simulator.
 */

import fc from "fast-check";
import { createKernel } from "../../../src/chip/kernel/host.ts";
import type { KernelNeurons } from "../../../src/chip/kernel/kernel.ts";
import { kernelStep } from "../../../src/chip/simulated/kernel-neurons.ts";
import { DEFAULT_STEP } from "../../../src/chip/simulated/options.ts";
import { type Stream, stream } from "../../../src/core/random.ts";
import { buildNetwork, type NeuronConstants, withConstants } from "../../../src/network/network.ts";
import { createObservation, createSimulator } from "../../../src/network/simulate.ts";

const INPUTS = 4;
const DURATION = 60;
/** The kernel computes in single precision: a solution that changes its spikes under this change of thresholds is not one to compare with. */
const ROUNDING = 1e-6;
/** Half a stamp of the chip, µs. */
const HALF_STAMP = 0.004;

export interface HardNetwork {
  readonly seed: number;
  readonly neurons: number;
  readonly times: "equal" | "nearly equal" | "near" | "far apart" | "short";
  readonly inhibitionApart: boolean;
  readonly ties: boolean;
  readonly grazing: boolean;
  readonly refractory: "long" | "usual" | "short";
  readonly recurrent: boolean;
  readonly strength: number;
}

export const hardNetwork: fc.Arbitrary<HardNetwork> = fc.record({
  seed: fc.nat(),
  neurons: fc.integer({ min: 1, max: 10 }),
  times: fc.constantFrom("equal", "nearly equal", "near", "far apart", "short"),
  inhibitionApart: fc.boolean(),
  ties: fc.boolean(),
  grazing: fc.boolean(),
  refractory: fc.constantFrom("long", "usual", "short"),
  recurrent: fc.boolean(),
  strength: fc.constantFrom(2, 4, 40),
});

function constantsOf(drawn: HardNetwork, draws: Stream): Omit<NeuronConstants, "threshold"> {
  const { neurons, times, inhibitionApart, refractory } = drawn;
  const each = (value: () => number): Float64Array => Float64Array.from({ length: neurons }, value);
  const logUniform = (low: number, high: number): number => low * (high / low) ** draws.uniform();
  const tauMem = each(() => {
    if (times === "far apart") return logUniform(1, 60);
    return times === "short" ? logUniform(0.5, 1.5) : logUniform(4, 9);
  });
  const partner = (tau: number): number => {
    if (times === "equal") return tau;
    if (times === "nearly equal") return tau * (1 + 1e-7 * draws.normal());
    if (times === "far apart") return logUniform(1, 60);
    return tau * Math.exp(0.2 * draws.normal());
  };
  const tauSynExc = tauMem.map(partner);
  const tauSynInh = inhibitionApart ? tauMem.map(partner) : tauSynExc.slice();
  const holds = { long: [5, 35], usual: [1, 3], short: [0.2, 0.6] } as const;
  const [low, high] = holds[refractory];
  return {
    tauMem,
    tauSynExc,
    tauSynInh,
    reset: each(() => Math.fround(0.1 * draws.normal())),
    refractory: each(() => low + (high - low) * draws.uniform()),
  };
}

export interface Comparison {
  /** Spikes of the exact solution. */
  readonly spikes: number;
  /** A change of the thresholds by rounding changes the spikes themselves: nothing was compared. */
  readonly undecided: boolean;
  /** What is wrong, empty when nothing is. */
  readonly faults: readonly string[];
}

const kernel = createKernel();

/** Spike times of each neuron. */
type Trains = readonly (readonly number[])[];

export function compareWithExact(drawn: HardNetwork): Comparison {
  const { neurons, recurrent, strength } = drawn;
  const draws = stream(drawn.seed, "test/kernel/exact-solution");
  const population = {
    name: "n",
    model: "lif",
    size: neurons,
    tauMem: 6,
    tauSynExc: 6,
    tauSynInh: 6,
  } as const;
  const network = buildNetwork(
    INPUTS,
    [{ ...population, threshold: 1, reset: 0, refractory: 1 }],
    [
      { from: "input", to: "n", rows: 1 },
      { from: "n", to: "n", rows: 1 },
    ],
    DURATION,
  );
  const constants = constantsOf(drawn, draws);
  const threshold = new Float64Array(neurons).fill(1);
  if (drawn.grazing) for (let i = 0; i < neurons; i++) threshold[i] = Math.fround(1 + 1e-3 * draws.normal());

  const rows = INPUTS + neurons;
  const exc = new Float32Array(rows * neurons);
  const inh = new Float32Array(rows * neurons);
  const weights = new Float64Array(rows * neurons);
  for (let k = 0; k < weights.length; k++) {
    const input = k < INPUTS * neurons;
    const weight = input ? strength * (0.3 + draws.normal()) : recurrent ? draws.normal() : 0;
    const jumps = weight > 0 ? exc : inh;
    const tauMem = constants.tauMem[k % neurons]!;
    jumps[k] = Math.abs(weight) / tauMem;
    weights[k] = Math.sign(weight) * jumps[k]! * tauMem;
  }
  const events = Array.from({ length: 10 }, () => ({
    time: Math.round((0.9 * DURATION * draws.uniform()) / 0.008) * 0.008,
    source: draws.below(INPUTS),
  }));
  if (drawn.ties)
    for (let k = 1; k < events.length; k += 2) events[k] = { ...events[k]!, time: events[k - 1]!.time };
  events.sort((a, b) => a.time - b.time || a.source - b.source);
  const time = Float64Array.from(events, (event) => event.time);
  const source = Int32Array.from(events, (event) => event.source);

  const exact = (thresholds: Float64Array): Trains => {
    const complete = withConstants(network, { ...constants, threshold: thresholds });
    const observation = createObservation(complete);
    createSimulator(complete).run(
      weights,
      { time, source, from: 0, to: time.length },
      [{ kind: "none" }],
      observation,
    );
    const { index, time: at, count } = observation.spikes;
    return trains(neurons, index, at, count);
  };

  const wanted = exact(threshold);
  const shifted = [1, 2, 3].map(() =>
    exact(threshold.map((own) => own * (1 + ROUNDING * (draws.uniform() < 0.5 ? 1 : -1)))),
  );
  const spikes = wanted.flat().length;
  if (shifted.some((other) => other.some((train, i) => train.length !== wanted[i]!.length)))
    return { spikes, undecided: true, faults: [] };

  const kernelNeurons = inKernel(constants, threshold);
  kernel.setNeurons(kernelNeurons, kernelStep(kernelNeurons, DEFAULT_STEP));
  kernel.setJumps({ rows, exc, inh, spikeRow: Int32Array.from({ length: neurons }, (_, i) => INPUTS + i) });
  const none = new Float64Array(0);
  const output = kernel.run({
    duration: DURATION,
    time,
    row: source,
    from: 0,
    to: time.length,
    eventNoise: 0,
    sampleTime: [none, none],
    traceNeuron: -1,
    traceSource: "membrane",
    traceTime: none,
    noiseKey: new Uint32Array(4),
  });
  const found = trains(neurons, output.spikeNeuron, output.spikeTime, output.spikes);
  const faults: string[] = [];
  wanted.forEach((train, i) => {
    if (found[i]!.length !== train.length)
      faults.push(
        `neuron ${i}: ${found[i]!.length} spikes instead of ${train.length}: ${found[i]} / ${train}`,
      );
    train.forEach((at, k) => {
      const change = Math.max(...shifted.map((other) => Math.abs(other[i]![k]! - at)));
      const error = Math.abs((found[i]![k] ?? Number.POSITIVE_INFINITY) - at);
      if (!(error < HALF_STAMP + 3 * change))
        faults.push(`neuron ${i}, spike ${k}: ${found[i]![k]} instead of ${at}`);
    });
  });
  return { spikes, undecided: false, faults };
}

function trains(neurons: number, index: Int32Array, time: Float64Array, count: number): Trains {
  const lists = Array.from({ length: neurons }, (): number[] => []);
  for (let k = 0; k < count; k++) lists[index[k]!]!.push(time[k]!);
  for (const list of lists) list.sort((a, b) => a - b);
  return lists;
}

/** Neurons in model units, without noise, saturation and rails. */
function inKernel(constants: Omit<NeuronConstants, "threshold">, threshold: Float64Array): KernelNeurons {
  const count = threshold.length;
  const all = (value: number): Float64Array => new Float64Array(count).fill(value);
  return {
    count,
    group: new Uint8Array(count),
    ...constants,
    threshold,
    leak: all(0),
    noise: all(0),
    saturationExc: all(Number.POSITIVE_INFINITY),
    saturationInh: all(Number.POSITIVE_INFINITY),
    railLow: all(-1e9),
    railHigh: all(1e9),
  };
}
