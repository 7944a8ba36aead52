/**
 * What a parameter of the calibration is: one file of this folder says everything about it, and one line of index.ts
 * brings it into the target, the final measurement, the quality table, the file format and the residual scatter.
 */

import type { NeuronWords } from "../../chip/types.ts";
import type { CalibrationSession } from "../session.ts";
import type { CalibrationTarget, MeasuredNeurons } from "../types.ts";
import type { WordChange } from "../words.ts";

/** A value that a target names. */
export interface TargetOption {
  readonly summary: string;
  readonly unit: "LSB" | "us" | "code" | "x";
  /** Value of DEFAULT_TARGET. */
  readonly defaultValue: number;
  /** Range that raises no warning, and range outside of which words or converters cannot follow. */
  readonly accepted: readonly [from: number, to: number];
  readonly possible: readonly [from: number, to: number];
}

/** The scatter that real calibrations leave; sources: ../residual.ts. */
export interface Residual {
  /** Standard deviation around a goal of this size, in the parameter's unit. */
  spread(goal: number): number;
  /** Distance in codes that makes a distance of z standard deviations in the value. */
  codes(code: number, z: number): number;
}

export interface CalibratedParameter {
  readonly name: keyof MeasuredNeurons;
  readonly unit: string;
  /** The register that makes neurons equal; none where it is computed. */
  readonly register?: keyof NeuronWords;
  /** How targets name it; absent where no target does. */
  readonly option?: TargetOption;
  /** @param strength what counts as the goal of the strengths, which no target names */
  goal(target: CalibrationTarget, strength: number): number;
  /** Largest accepted distance of a neuron from a goal of this size, in `unit`. */
  tolerance(goal: number): number;
  readonly residual?: Residual;
  /** Final measurement with the session's words and `change` in them. @param known values that it builds on */
  measure(session: CalibrationSession, change: WordChange, known: MeasuredNeurons): Promise<Float64Array>;
}

/** Scatter of a value that follows its code linearly. @param spread standard deviation @param slope unit per code */
export function linearResidual(spread: number, slope: number): Residual {
  return { spread: () => spread, codes: (_, z) => (z * spread) / slope };
}

/** Scatter of a value that goes with its code to `exponent`. @param share standard deviation relative to the goal */
export function relativeResidual(share: number, exponent: number): Residual {
  return {
    spread: (goal) => share * goal,
    codes: (code, z) => code * Math.expm1((z * share) / exponent),
  };
}
