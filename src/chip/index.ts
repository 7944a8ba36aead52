/** The table of chips: `chip.kind` of an experiment file, and how a chip of each kind is opened. */

import { type IdealOptions, ideal } from "./ideal.ts";
import { createKernel } from "./kernel/host.ts";
import { type RemoteOptions, remote } from "./remote/index.ts";
import { type SimulatedOptions, simulated } from "./simulated/index.ts";
import type { Chip } from "./types.ts";

export const CHIPS = [ideal, simulated, remote] as const;

/** Options as in an experiment file; those left out have their defaults. Further keys are ignored. */
export type ChipOptions =
  | ({ readonly kind: "ideal"; readonly noiseSeed?: number } & IdealOptions)
  | ({ readonly kind: "simulated" } & SimulatedOptions)
  | ({ readonly kind: "remote" } & RemoteOptions);

/** Opens a chip with the words of defaultConfig(). */
export async function openChip(options: ChipOptions): Promise<Chip> {
  switch (options.kind) {
    case "ideal":
      return ideal.create(options, createKernel());
    case "simulated":
      return simulated.create(options, createKernel());
    case "remote":
      return remote.create(options);
    default:
      return options satisfies never;
  }
}
