/** An experiment on another substrate: another instance of its chip, or none. */

import { UserError } from "../core/errors.ts";
import type { Report } from "../core/progress.ts";
import { chipCalibrations } from "../engine/chip-calibrations.ts";
import { type PreparedRun, prepareRun } from "../engine/run-config.ts";
import type { Experiment } from "../experiment/schema.ts";

type SimulatedChip = Extract<Experiment["chip"], { readonly kind: "simulated" }>;

/** @throws UserError("compatibility") when its chip is not a simulated instance: only these come in numbers */
export function simulatedChip({ chip }: Pick<Experiment, "chip">): SimulatedChip {
  if (chip.kind === "simulated") return chip;
  throw new UserError("compatibility", `the study needs simulated chips, the experiment has ${chip.kind}`, {
    hint: "give it chip: { kind: simulated }",
  });
}

/**
 * The experiment on the simulated chip of a seed, calibrated as usual.
 * @throws UserError("compatibility") when it has no simulated chip
 */
export async function onChip(experiment: Experiment, seed: number, report: Report): Promise<PreparedRun> {
  const moved = { ...experiment, chip: { ...simulatedChip(experiment), seed } };
  return prepareRun({ experiment: moved, calibrations: await chipCalibrations(moved, report) });
}

/** The experiment in the ideal model: exact simulation with its nominal constants. */
export function inIdealModel(experiment: Experiment): PreparedRun {
  return prepareRun({ experiment: { ...experiment, chip: { kind: "software" } }, calibrations: new Map() });
}
