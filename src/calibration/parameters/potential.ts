/** Steps for potentials: a binary search over the whole range of the register, or a line through probes around its codes. */

import { type Effort, refineRange, searchRange } from "../search.ts";
import type { CalibrationSession } from "../session.ts";
import type { CalibrationTarget, MeasuredNeurons } from "../types.ts";
import type { CalibrationStep } from "./parameter.ts";

type Potential = "leak" | "reset" | "threshold";

export interface PotentialStep extends Pick<CalibrationStep, "name" | "summary" | "after"> {
  /** Search the whole range; otherwise refine the codes so far. */
  readonly search: boolean;
}

export interface PotentialMeasurement {
  /** Register, target and measured value have the same name. */
  readonly name: Potential & keyof CalibrationTarget & keyof MeasuredNeurons;
  /** LSB. */
  readonly tolerance: number;
  /** Distances of the probes in codes: some LSB, so that the steps of the converter average out. */
  readonly probes: readonly number[];
  read(session: CalibrationSession, codes: Uint16Array, effort: Effort): Promise<Float64Array>;
}

export function potentialStep(
  { name, tolerance, probes, read }: PotentialMeasurement,
  { search, ...description }: PotentialStep,
): CalibrationStep {
  return {
    ...description,
    tolerance,
    unit: "LSB",
    async run({ session, measured }) {
      const target = session.target[name];
      const codes = session.words.neurons[name];
      const measure = (code: Uint16Array, effort: Effort): Promise<Float64Array> =>
        read(session, code, effort);
      const before = await measure(codes, "thorough");
      const found = search
        ? await searchRange(session, { target }, measure)
        : await refineRange(codes, { target, probes }, measure);
      codes.set(found.code);
      measured[name] = await measure(codes, "thorough");
      return { target, before, after: measured[name] };
    },
  };
}
