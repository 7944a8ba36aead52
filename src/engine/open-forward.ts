/** Opens what an experiment runs on: the software simulator, or a chip, placed, programmed and ready. */

import type { Calibration } from "../calibration/types.ts";
import { openChip } from "../chip/index.ts";
import { UserError } from "../core/errors.ts";
import { placementWishes } from "../experiment/network.ts";
import type { Experiment } from "../experiment/schema.ts";
import { failedCircuits } from "../mapping/calibrations.ts";
import { placeNetwork } from "../mapping/place.ts";
import type { Placement } from "../mapping/placement.ts";
import { createProgrammer } from "../mapping/programmer.ts";
import type { Network } from "../network/network.ts";
import type { RecordingRequest } from "../network/observation.ts";
import { chipForward } from "./chip-forward.ts";
import { type Forward, softwareForward } from "./forward.ts";

export interface OpenedForward {
  readonly forward: Forward;
  /** Absent in software. */
  readonly placement?: Placement;
}

/**
 * Where the network goes on a chip with these calibrations; circuits that failed are left out.
 * @throws UserError("calibration") when it would fit if they had not failed; UserError("placement") when it fits nowhere
 */
export function placeOnChip(
  experiment: Pick<Experiment, "network" | "chip">,
  network: Network,
  calibrations: ReadonlyMap<string, Calibration>,
): Placement {
  const wishes = placementWishes(experiment);
  const exclude = failedCircuits(calibrations.values());
  try {
    return placeNetwork(network, { exclude, ...wishes });
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    // Throws when the network is too large for any chip: then the calibration is not to blame.
    placeNetwork(network, wishes);
    const failed = exclude.reduce((sum, one) => sum + one, 0);
    throw new UserError(
      "calibration",
      `the calibration failed for ${failed} of ${exclude.length} neurons, and the network does not fit on the others: ${error.message}`,
      { cause: error, hint: "use another chip, or lower its mismatch; or a smaller network" },
    );
  }
}

/**
 * @param network with nominal constants
 * @param calibrations of each population; not read in software
 * @param record samples wanted per population, given the network with the constants that it is run with
 */
export async function openForward(
  experiment: Pick<Experiment, "network" | "chip" | "seed">,
  network: Network,
  calibrations: ReadonlyMap<string, Calibration>,
  record: (network: Network) => readonly RecordingRequest[],
): Promise<OpenedForward> {
  const { chip, seed } = experiment;
  if (chip.kind === "software") return { forward: softwareForward(network, record(network)) };
  const placement = placeOnChip(experiment, network, calibrations);
  const { copies, constants, cadc } = chip;
  const programmer = createProgrammer(network, placement, calibrations, { copies, constants });
  const device = await openChip({ ...chip, noiseSeed: seed });
  await programmer.configureAll(device);
  const forward = chipForward(device, programmer, cadc, record(programmer.network));
  return { forward, placement };
}
