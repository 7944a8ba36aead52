/**
 * What a step of the calibration is: it sets words, measures, and leaves the chip better than before. The table of
 * steps (index.ts) has their order; a step names those that must come before it, and why.
 */

import type { CalibrationSession } from "../session.ts";
import type { MeasuredNeurons } from "../types.ts";

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
