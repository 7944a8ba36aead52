/**
 * The kernel against its equations integrated plainly (reference.ts), without noise, at the step that the chip uses.
 * Spikes must match one to one; a membrane that only grazes its threshold may decide differently, so a few in a
 * thousand are allowed. The reference itself is good to step²/8 · |V̈|/V̇ per crossing, some 0.1 ns.
 */

import { describe, expect, it } from "vitest";
import { createKernel } from "../../../src/chip/kernel/host.ts";
import { kernelStep } from "../../../src/chip/simulated/kernel-neurons.ts";
import { DEFAULT_STEP } from "../../../src/chip/simulated/options.ts";
import { type RandomNetwork, randomInput, randomJumps, randomNeurons } from "./random-network.ts";
import { compareSpikes, simulateFinely } from "./reference.ts";

const PLAIN: RandomNetwork = {
  seed: 0,
  count: 16,
  count0: 7,
  step: DEFAULT_STEP,
  noise: false,
  saturation: false,
  rails: false,
  recurrent: false,
  adex: false,
  shortRefractory: false,
  strong: 1,
  clocked: true,
};
const NETWORKS = 6;
const FINE = 0.002;
/** µs; spikes further apart than this are not the same spike. */
const SAME_SPIKE = 0.5;

interface Found {
  spikes: number;
  missed: number;
  extra: number;
  /** |difference| of matched spikes, µs, ascending. */
  readonly errors: number[];
  /** Largest difference of a membrane sample, LSB, where every spike matched. */
  readonly samples: number[];
}

function compare(kind: Partial<RandomNetwork>): Found {
  const kernel = createKernel();
  const found: Found = { spikes: 0, missed: 0, extra: 0, errors: [], samples: [] };
  for (let seed = 1; seed <= NETWORKS; seed++) {
    const network = { ...PLAIN, ...kind, seed };
    const neurons = randomNeurons(network);
    const step = kernelStep(neurons, DEFAULT_STEP);
    const jumps = randomJumps(network);
    const drawn = randomInput(network, 0);
    const times = Float64Array.from({ length: 20 }, (_, k) => 2.03 + 1.37 * k);
    const input = { ...drawn, sampleTime: [times, times] as const, traceNeuron: -1 };
    kernel.setNeurons(neurons, step);
    kernel.setJumps(jumps);
    const output = kernel.run(input);
    const spikes = Array.from({ length: output.spikes }, (_, k) => ({
      time: output.spikeTime[k]!,
      neuron: output.spikeNeuron[k]!,
    }));
    const reference = simulateFinely(neurons, jumps, input, FINE, [...times]);
    const { missed, extra, errors } = compareSpikes(spikes, reference.spikes, SAME_SPIKE);
    found.spikes += reference.spikes.length;
    found.missed += missed;
    found.extra += extra;
    found.errors.push(...errors);
    if (missed + extra > 0) continue;
    const { count, count0 } = network;
    for (let k = 0; k < times.length; k++) {
      for (let i = 0; i < count; i++) {
        const own =
          i < count0
            ? output.sample[0][k * count0 + i]!
            : output.sample[1][k * (count - count0) + i - count0]!;
        found.samples.push(Math.abs(own - reference.membrane[k * count + i]!));
      }
    }
  }
  found.errors.sort((a, b) => a - b);
  found.samples.sort((a, b) => a - b);
  return found;
}

const at = (values: readonly number[], share: number): number =>
  values[Math.floor(share * (values.length - 1))]!;

// [name, network, most unmatched spikes per spike, median error in ns, median error of samples in LSB]
it.each([
  ["feed-forward", {}, 0.002, 0.2, 1e-3],
  ["saturation and rails", { saturation: true, rails: true }, 0.005, 0.5, 2e-3],
  ["strong input", { strong: 3, rails: true }, 0.005, 0.5, 2e-3],
  ["recurrent", { recurrent: true }, 0.02, 1, 5e-3],
] as const)("%s: spikes and samples are those of the equations", (_name, kind, unmatched, ns, lsb) => {
  const { spikes, missed, extra, errors, samples } = compare(kind);
  expect(spikes).toBeGreaterThan(60);
  expect(missed + extra).toBeLessThanOrEqual(unmatched * spikes);
  expect(1e3 * at(errors, 0.5)).toBeLessThan(ns);
  expect(samples.length).toBeGreaterThan(300);
  expect(at(samples, 0.5)).toBeLessThan(lsb);
});

describe("the comparison", () => {
  it("is one that can fail: linear crossings at the same step are some ns off", () => {
    const network = { ...PLAIN, seed: 1 };
    const neurons = randomNeurons(network);
    const jumps = randomJumps(network);
    const input = randomInput(network, 0);
    const coarse = simulateFinely(neurons, jumps, input, network.step).spikes;
    const { errors } = compareSpikes(coarse, simulateFinely(neurons, jumps, input, FINE).spikes, SAME_SPIKE);
    expect(1e3 * at(errors, 0.5)).toBeGreaterThan(2);
  });
});
