/**
 * Which calibration each population uses. All populations of a network may share a target, or each may have
 * its own; calibrations of one chip are then merged circuit by circuit (compile.ts).
 */

import type { Calibration } from "../calibration/types.ts";
import { NEURONS } from "../chip/limits.ts";
import type { Network } from "../network/network.ts";

/** Population name → calibration of the chip for that population's target. */
export type Calibrations = ReadonlyMap<string, Calibration>;

/** The same calibration for all populations. */
export function sharedCalibration(network: Network, calibration: Calibration): Calibrations {
  return new Map(network.populations.map(({ name }) => [name, calibration]));
}

/** Calibration of each neuron's population. Throws Error when a population has none. */
export function calibrationOf(calibrations: Calibrations, population: string): Calibration {
  const found = calibrations.get(population);
  if (found === undefined) throw new Error(`no calibration for population ${population}`);
  return found;
}

/** Circuits that placement must avoid: 1 where any of the calibrations failed (512). */
export function failedCircuits(calibrations: Iterable<Calibration>): Uint8Array {
  const failed = new Uint8Array(NEURONS);
  for (const { success } of calibrations) {
    for (let circuit = 0; circuit < NEURONS; circuit++) if (success[circuit] === 0) failed[circuit] = 1;
  }
  return failed;
}
