/** Chooses the membrane kernel: WebAssembly SIMD where it runs, else the oracle, with the same results. */

import type { MembraneKernel } from "./kernel.ts";
import { createOracle } from "./oracle.ts";
import { createWasmKernel, simdAvailable } from "./wasm.ts";

export interface KernelOptions {
  /** `"simd"` by default; `"oracle"` for tests, or to see what a machine without SIMD would do. */
  readonly prefer?: "simd" | "oracle";
}

/** A kernel with its own memory; kernels share nothing, one per worker. */
export function createKernel({ prefer = "simd" }: KernelOptions = {}): MembraneKernel {
  return prefer === "simd" && simdAvailable() ? createWasmKernel() : createOracle();
}
