/** The builds of the kernel with SIMD and without give the same bits, whatever the network: see random-network.ts. */

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createWasmKernel, simdAvailable } from "../../../src/chip/kernel/host.ts";
import type { KernelOutput, MembraneKernel } from "../../../src/chip/kernel/kernel.ts";
import {
  type RandomNetwork,
  randomInput,
  randomJumps,
  randomNeurons,
  randomSampled,
} from "./random-network.ts";

const network: fc.Arbitrary<RandomNetwork> = fc
  .record({
    seed: fc.nat(),
    count: fc.integer({ min: 1, max: 22 }),
    part: fc.double({ min: 0, max: 1, noNaN: true }),
    step: fc.constantFrom(1, 0.5, 0.25, 0.3, 0.2871),
    noise: fc.boolean(),
    saturation: fc.boolean(),
    rails: fc.boolean(),
    recurrent: fc.boolean(),
    adex: fc.boolean(),
    shortRefractory: fc.boolean(),
    strong: fc.constantFrom(1, 2, 4),
    clocked: fc.boolean(),
  })
  .map(({ part, ...rest }) => ({ ...rest, count0: Math.round(part * rest.count) }));

type Drawn = Partial<RandomNetwork> & Pick<RandomNetwork, "seed" | "count" | "count0">;

/** With all effects but AdEx terms, and jumps that make it spike. */
function lively(own: Drawn): RandomNetwork {
  return {
    step: 0.5,
    noise: true,
    saturation: true,
    rails: true,
    recurrent: true,
    adex: false,
    shortRefractory: false,
    strong: 2,
    clocked: true,
    ...own,
  };
}

function bits(values: Float32Array | Float64Array, length: number): string {
  return Buffer.from(values.buffer, values.byteOffset, length * values.BYTES_PER_ELEMENT).toString("hex");
}

/** All that an entry gave, as text. @param sampled of each group; absent: all samples are wanted */
function picture(output: KernelOutput, sampled?: readonly [Uint8Array, Uint8Array]): Record<string, string> {
  const wanted = (group: 0 | 1): string => {
    const of = sampled?.[group];
    const all = output.sample[group];
    const values = of === undefined ? all : all.filter((_, k) => of[k % of.length] === 1);
    return bits(values, values.length);
  };
  return {
    times: bits(output.spikeTime, output.spikes),
    neurons: output.spikeNeuron.subarray(0, output.spikes).join(),
    sample0: wanted(0),
    sample1: wanted(1),
    trace: bits(output.trace, output.trace.length),
  };
}

const createSimd = (): MembraneKernel => createWasmKernel("simd");
const createScalar = (): MembraneKernel => createWasmKernel("scalar");

describe.skipIf(!simdAvailable())("builds with SIMD and without", () => {
  it("agree bit for bit on spikes, samples and traces", () => {
    const kernels = [createSimd(), createScalar()] as const;
    let spikes = 0;
    let recurrent = 0;
    fc.assert(
      fc.property(network, (drawn) => {
        const neurons = randomNeurons(drawn);
        const jumps = randomJumps(drawn);
        for (const kernel of kernels) {
          kernel.setNeurons(neurons, drawn.step);
          kernel.setJumps(jumps);
        }
        for (let entry = 0; entry < 3; entry++) {
          const sampled = randomSampled(drawn, entry);
          const input = { ...randomInput(drawn, entry), ...(sampled === undefined ? {} : { sampled }) };
          const sides =
            sampled && ([sampled.subarray(0, drawn.count0), sampled.subarray(drawn.count0)] as const);
          const [one, other] = kernels.map((kernel) => kernel.run(input));
          expect(picture(one!, sides)).toEqual(picture(other!, sides));
          spikes += one!.spikes;
          if (drawn.recurrent) recurrent += one!.spikes;
        }
      }),
      { numRuns: 120, seed: 1 },
    );
    // The networks drawn must be alive for this to mean anything.
    expect(spikes).toBeGreaterThan(9_000);
    expect(recurrent).toBeGreaterThan(4_500);
  });

  // The stronger network looks for more than 512 crossings within one step.
  // With 257 in a group there are 129 vectors, as many as there can be.
  it.each([
    [257, 1],
    [256, 2],
  ])("agree on a whole chip of 512 neurons, %i in group 0, jumps × %i", (count0, strong) => {
    const drawn = lively({ seed: 3, count: 512, count0, strong });
    const input = randomInput(drawn, 0);
    const [one, other] = [createSimd(), createScalar()].map((kernel) => {
      kernel.setNeurons(randomNeurons(drawn), drawn.step);
      kernel.setJumps(randomJumps(drawn));
      return kernel.run({ ...input, duration: 12 });
    });
    expect(one!.spikes).toBeGreaterThan(150);
    expect(picture(one!)).toEqual(picture(other!));
  });

  it("agree when potentials move, with each other and with neurons set anew", () => {
    const drawn = lively({ seed: 4, count: 14, count0: 6, adex: true });
    const input = randomInput(drawn, 0);
    const run = (create: () => MembraneKernel, moved: boolean) => {
      const kernel = create();
      const neurons = randomNeurons(drawn);
      if (moved) kernel.setNeurons(neurons, drawn.step);
      for (let i = 0; i < neurons.count; i++) {
        neurons.leak[i]! += 0.5;
        neurons.threshold[i]! -= 0.25 * (i % 3);
      }
      if (moved) kernel.movePotentials();
      else kernel.setNeurons(neurons, drawn.step);
      kernel.setJumps(randomJumps(drawn));
      const output = kernel.run(input);
      expect(output.spikes).toBeGreaterThan(10);
      return picture(output);
    };
    const anew = run(createScalar, false);
    expect(run(createScalar, true)).toEqual(anew);
    expect(run(createSimd, true)).toEqual(anew);
  });

  it("agree on jumps that change within a reach that stays", () => {
    const drawn = lively({ seed: 6, count: 14, count0: 6 });
    const input = randomInput(drawn, 0);
    const neurons = randomNeurons(drawn);
    const jumps = randomJumps(drawn);
    const { rows } = jumps;
    const reach = {
      from: Int32Array.from({ length: rows }, (_, row) => row % 3),
      to: Int32Array.from({ length: rows }, (_, row) => drawn.count - (row % 4)),
    };
    const own = (jump: number, at: number, factor: (neuron: number) => number): number => {
      const [row, neuron] = [Math.floor(at / drawn.count), at % drawn.count];
      return neuron >= reach.from[row]! && neuron < reach.to[row]! ? jump * factor(neuron) : 0;
    };
    const changed = (factor: (neuron: number) => number) => ({
      ...jumps,
      exc: jumps.exc.map((jump, at) => own(jump, at, factor)),
      inh: jumps.inh.map((jump, at) => own(jump, at, factor)),
      reach,
    });
    const [simd, scalar] = [createSimd(), createScalar()];
    for (const one of [simd, scalar]) one.setNeurons(neurons, drawn.step);
    const seen = new Set<string>();
    // Others of them, only some, then all again.
    for (const factor of [() => 1, () => 1.1, (neuron: number) => neuron & 4, () => 1.2]) {
      for (const one of [simd, scalar]) one.setJumps(changed(factor));
      const output = picture(simd.run(input));
      expect(output).toEqual(picture(scalar.run(input)));
      seen.add(output.times!);
    }
    expect(seen.size).toBe(4);
  });

  it("agree on cut steps whose lengths recur, also when time constants have changed in between", () => {
    const drawn = lively({ seed: 8, count: 14, count0: 6 });
    const input = randomInput(drawn, 0);
    const [simd, scalar] = [createSimd(), createScalar()];
    const seen = new Set<string>();
    for (const factor of [1, 1, 1.05]) {
      const neurons = randomNeurons(drawn);
      for (let i = 0; i < neurons.count; i++) neurons.tauMem[i]! *= factor;
      for (const one of [simd, scalar]) {
        if (seen.size === 0 || factor !== 1) one.setNeurons(neurons, drawn.step);
        one.setJumps(randomJumps(drawn));
      }
      const output = picture(simd.run(input));
      expect(output).toEqual(picture(scalar.run(input)));
      seen.add(output.times!);
    }
    expect(seen.size).toBe(2);
  });

  it.each([
    ["cannot", Number.POSITIVE_INFINITY],
    ["can", 130],
  ])(
    "agree on several samples a step, also at its ends, of neurons that spikes reach and that %s spike",
    (_can, threshold) => {
      const drawn = lively({
        seed: 9,
        count: 14,
        count0: 6,
        recurrent: false,
        saturation: false,
        rails: false,
      });
      const neurons = randomNeurons(drawn);
      neurons.threshold.fill(threshold, 0, 2);
      const jumps = randomJumps(drawn);
      const { exc, inh, spikeRow } = jumps;
      // Neurons 0 and 1 take the spikes of all others.
      spikeRow.fill(-1, 0, 2);
      for (let at = 5 * drawn.count; at < exc.length; at++) {
        exc[at] = at % drawn.count < 2 ? 0.1 * (at % 9) : 0;
        inh[at] = 0;
      }
      const plain = randomInput(drawn, 0);
      const ends = [...plain.time].flatMap((time) => [time, time + drawn.step]);
      // None within the first step but that at 0.
      const times = (period: number): Float64Array =>
        Float64Array.from([
          0,
          ...Array.from({ length: 30 / period }, (_, k) => 0.6 + period * k),
          ...ends,
        ]).sort();
      const input = { ...plain, sampleTime: [times(0.11), times(0.47)] as const, traceNeuron: -1 };
      const [one, other] = [createSimd(), createScalar()].map((kernel) => {
        kernel.setNeurons(neurons, drawn.step);
        kernel.setJumps(jumps);
        return kernel.run(input);
      });
      expect(one!.spikes).toBeGreaterThan(10);
      expect(picture(one!)).toEqual(picture(other!));
    },
  );

  it("agree when neurons come to reach their thresholds while the jumps stay", () => {
    const drawn = lively({ seed: 7, count: 14, count0: 6 });
    const input = randomInput(drawn, 0);
    const jumps = randomJumps(drawn);
    const reach = { from: new Int32Array(jumps.rows), to: new Int32Array(jumps.rows).fill(drawn.count) };
    const [one, other] = [createSimd(), createScalar()].map((kernel) => {
      const neurons = randomNeurons(drawn);
      const threshold = neurons.threshold.slice();
      neurons.threshold.set(neurons.railHigh.map((rail) => rail + 1));
      kernel.setNeurons(neurons, drawn.step);
      kernel.setJumps({ ...jumps, reach });
      expect(kernel.run(input).spikes).toBe(0);
      neurons.threshold.set(threshold);
      kernel.movePotentials();
      kernel.setJumps({ ...jumps, reach });
      return kernel.run(input);
    });
    expect(one!.spikes).toBeGreaterThan(10);
    expect(picture(one!)).toEqual(picture(other!));
  });

  it("is a test that can fail: another noise key gives another picture", () => {
    const drawn = lively({ seed: 5, count: 12, count0: 5, saturation: false, rails: false });
    const input = randomInput(drawn, 0);
    const [one, other] = [createSimd(), createScalar()].map((kernel, k) => {
      kernel.setNeurons(randomNeurons(drawn), drawn.step);
      kernel.setJumps(randomJumps(drawn));
      return kernel.run(k === 0 ? input : { ...input, noiseKey: input.noiseKey.map((word) => word ^ 1) });
    });
    expect(picture(one!)).not.toEqual(picture(other!));
  });
});
