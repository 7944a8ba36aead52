/** The simulated instance: one seed makes one BrainScaleS-2 chip with its own fixed pattern (docs/hardware.md). */

import { member } from "../../core/table.ts";
import type { MembraneKernel } from "../kernel/kernel.ts";
import { createSimulatedChip, type SimulatedChip } from "./chip.ts";
import { type Effects, effectsWith } from "./effects.ts";
import { DEFAULT_STEP, instanceInfo, SIMULATED_OPTIONS } from "./options.ts";

export interface SimulatedOptions {
  readonly seed?: number;
  readonly mismatch?: number;
  readonly noise?: number;
  readonly effects?: Partial<Effects>;
  /** µs */
  readonly step?: number;
  /** Seed of temporal noise, e.g. that of an experiment; the chip's own when absent. */
  readonly noiseSeed?: number;
}

export const simulated = member({
  kind: "simulated",
  summary: "an instance with mismatch, noise, saturation, losses and latencies; one seed is one chip",
  options: SIMULATED_OPTIONS,
  create: (options: SimulatedOptions, kernel: MembraneKernel): SimulatedChip => {
    const { seed = 1, mismatch = 1, noise = 1, effects = {}, step = DEFAULT_STEP } = options;
    return createSimulatedChip(
      {
        info: instanceInfo({ seed, mismatch, effects }),
        seed,
        noiseSeed: options.noiseSeed ?? seed,
        mismatch,
        noise,
        effects: effectsWith(effects),
        step,
      },
      kernel,
    );
  },
});
