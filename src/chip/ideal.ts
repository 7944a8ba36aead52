/**
 * The ideal chip: the simulated one with neither mismatch nor noise. Every circuit follows the nominal laws, the
 * CADC reads LSB one to one and starts on time; words, limits, routes and readout are those of any chip.
 */

import { member } from "../core/table.ts";
import type { MembraneKernel } from "./kernel/kernel.ts";
import { createSimulatedChip, type SimulatedChip } from "./simulated/chip.ts";
import { effectsWith } from "./simulated/effects.ts";
import { DEFAULT_STEP, STEP_SCHEMA } from "./simulated/options.ts";

export interface IdealOptions {
  /** µs */
  readonly step?: number;
}

export const ideal = member({
  kind: "ideal",
  summary: "a chip without mismatch and noise: same words, limits and readout",
  options: { step: STEP_SCHEMA },
  create: ({ step = DEFAULT_STEP }: IdealOptions, kernel: MembraneKernel): SimulatedChip =>
    createSimulatedChip(
      {
        info: { id: "ideal", kind: "ideal", description: "chip without mismatch and noise" },
        seed: 0,
        noiseSeed: 0,
        mismatch: 0,
        noise: 0,
        effects: effectsWith({}),
        step,
      },
      kernel,
    ),
});
