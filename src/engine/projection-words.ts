/** The 6-bit words that a run's chip gets for its weights: the run's calibrations say how large a word is. */

import { targetKey } from "../calibration/store.ts";
import type { Calibration } from "../calibration/types.ts";
import { UserError } from "../core/errors.ts";
import { calibrationTargets } from "../experiment/network.ts";
import type { Experiment } from "../experiment/schema.ts";
import { quantize, weightScale } from "../mapping/quantize.ts";
import type { Network, Projection } from "../network/network.ts";

export interface ProjectionWords {
  readonly projection: Projection;
  /** `[(source · targets + target) · rows + copy]`, −63 … 63. */
  readonly values: Int8Array;
  /** Words per model unit. */
  readonly scale: number;
}

/** Undefined for a run in software. @throws UserError("calibration") when a population's is missing */
export function projectionWords(
  experiment: Experiment,
  network: Network,
  weights: Float64Array,
  calibrations: readonly Calibration[],
): ProjectionWords[] | undefined {
  const { chip } = experiment;
  const targets = calibrationTargets(experiment);
  if (chip.kind === "software" || targets === undefined) return undefined;
  const byTarget = new Map(calibrations.map((calibration) => [targetKey(calibration.target), calibration]));
  return network.projections.map((projection) => {
    const target = targets.get(projection.to);
    const calibration = target === undefined ? undefined : byTarget.get(targetKey(target));
    if (calibration === undefined)
      throw new UserError("calibration", `the run has no calibration of population \`${projection.to}\``);
    const values = new Int8Array(projection.sources * projection.targets * projection.rows);
    const scale = weightScale(calibration);
    quantize(projection, weights, scale, chip.copies, values, 0);
    return { projection, values, scale };
  });
}
