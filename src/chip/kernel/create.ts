/** Chooses the membrane kernel: the build with SIMD instructions where it runs, else the one without, with the same results. */

import type { MembraneKernel } from "./kernel.ts";
import { createWasmKernel, simdAvailable } from "./wasm.ts";

export interface KernelOptions {
  /** `"simd"` by default; `"scalar"` for tests, or to see what a machine without SIMD would do. */
  readonly prefer?: MembraneKernel["kind"];
}

/** A kernel with its own memory; kernels share nothing, one per worker. */
export function createKernel({ prefer = "simd" }: KernelOptions = {}): MembraneKernel {
  return createWasmKernel(prefer === "simd" && simdAvailable() ? "simd" : "scalar");
}
