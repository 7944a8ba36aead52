/**
 * What a parameter of the calibration is, and what a step is that finds registers. One file of this folder says
 * everything about a parameter, and one line of index.ts brings it into the target, the final measurement, the quality
 * table, the file format and the residual scatter.
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

/** The scatter that real calibrations leave; sources: ../calibrate.ts. */
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
  /** The step that finds it. Absent where the table of steps (steps/index.ts) places its steps by hand. */
  readonly step?: CalibrationStep;
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

// The step of the calibration that finds it -----------------------------------------------------------------

// A step sets words, measures, and leaves the chip better than before. The table of steps (steps/index.ts) has their order;
// each step names the steps that must come before it, and why.

export interface StepContext {
  readonly session: CalibrationSession;
  /** Latest measured values per neuron; steps fill in theirs. */
  readonly measured: { -readonly [Name in keyof MeasuredNeurons]: Float64Array };
}

/** Values of one instance each (neuron, channel, driver, quadrant), before and after the step. */
export interface StepResult {
  readonly target: number;
  readonly before: Float64Array;
  readonly after: Float64Array;
}

export interface CalibrationStep {
  readonly name: string;
  /** What it finds, and how, in one line. */
  readonly summary: string;
  readonly after: readonly { readonly step: string; readonly reason: string }[];
  /** Largest distance from the target that is accepted, in `unit`. */
  readonly tolerance: number;
  readonly unit: "LSB" | "us" | "LSB/us" | "relative";
  run(context: StepContext): Promise<StepResult>;
}
