/** An experiment on another substrate: another instance of its chip, or none. */

import { UserError } from "../core/errors.ts";
import type { Report } from "../core/progress.ts";
import { chipCalibrations } from "../run/chip-calibrations.ts";
import type { Plan } from "../run/plan.ts";
import type { Experiment } from "../spec/schema.ts";

/**
 * The experiment on the simulated chip of a seed, calibrated as usual.
 * @throws UserError("compatibility") when its chip is not a simulated instance: only these come in numbers
 */
export async function onChip(experiment: Experiment, seed: number, report: Report): Promise<Plan> {
  const { chip } = experiment;
  if (chip.kind !== "simulated") {
    throw new UserError("compatibility", `the study needs simulated chips, the experiment has ${chip.kind}`, {
      hint: "give it chip: { kind: simulated }",
    });
  }
  const moved = { ...experiment, chip: { ...chip, seed } };
  return { experiment: moved, calibrations: await chipCalibrations(moved, report) };
}

/** The experiment in the ideal model: exact simulation with its nominal constants. */
export function inIdealModel(experiment: Experiment): Plan {
  return { experiment: { ...experiment, chip: { kind: "software" } }, calibrations: new Map() };
}
