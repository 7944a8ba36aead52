import { afterEach, describe, expect, it, vi } from "vitest";
import { createWasmKernel, simdAvailable } from "../../../src/chip/kernel/host.ts";
import { SIMD_WASM } from "../../../src/chip/kernel/membrane-wasm.ts";
import { randomInput, randomJumps, randomNeurons } from "./random-network.ts";

/** A chip full of neurons, with 256 rows beside those of the neurons, sampled `samples` times. */
function runChip(samples: number): void {
  const network = {
    seed: 1,
    count: 512,
    count0: 257,
    step: 0.75,
    noise: true,
    saturation: true,
    rails: true,
    recurrent: false,
    adex: false,
    shortRefractory: false,
    strong: 1,
    clocked: true,
  };
  const few = randomJumps(network);
  const rows = 512 + 256;
  const widened = (jumps: Float32Array): Float32Array => {
    const wide = new Float32Array(rows * network.count);
    wide.set(jumps);
    return wide;
  };
  const kernel = createWasmKernel("simd");
  kernel.setNeurons(randomNeurons(network), network.step);
  kernel.setJumps({ ...few, rows, exc: widened(few.exc), inh: widened(few.inh) });
  const times = Float64Array.from({ length: samples }, (_, k) => 0.5 * k);
  const output = kernel.run({ ...randomInput(network, 0), sampleTime: [times, times] });
  expect(output.spikes).toBeGreaterThan(0);
}

describe.skipIf(!simdAvailable())("the memory of the WebAssembly kernel", () => {
  const memory = new WebAssembly.Instance(new WebAssembly.Module(Buffer.from(SIMD_WASM, "base64")), {})
    .exports.memory as WebAssembly.Memory;
  const grow = vi.spyOn(Object.getPrototypeOf(memory) as WebAssembly.Memory, "grow");
  afterEach(() => grow.mockClear());

  it("does not grow for a whole chip", () => {
    runChip(40);
    expect(grow).not.toHaveBeenCalled();
  });

  it("grows for more", () => {
    runChip(10_000);
    expect(grow).toHaveBeenCalled();
  });
});
