/** Options of simulated chips as they stand in files, and the identity of an instance that follows from them. */

import { Type } from "@sinclair/typebox";
import { timeSchema } from "../../core/option-schemas.ts";
import type { ChipInfo } from "../types.ts";
import { EFFECTS, type Effects, effectsWith } from "./effects.ts";

/** µs */
export const DEFAULT_STEP = 0.75;

export const STEP_SCHEMA = timeSchema({
  minimum: 0.01,
  maximum: 1,
  default: "0.75 us",
  description:
    "Longest step of the membrane simulation; short time constants and refractory times shorten it. Spikes are found inside steps.",
});

const factor = (what: string) =>
  Type.Number({
    default: 1,
    minimum: 0,
    maximum: 10,
    description: `Factor on all ${what}; 0 switches it off.`,
  });

export const SIMULATED_OPTIONS = {
  seed: Type.Integer({
    default: 1,
    minimum: 0,
    maximum: 0xffffffff,
    description: "Which chip: one seed is one instance with its own fixed pattern.",
  }),
  mismatch: factor("static deviations from the ideal chip"),
  noise: factor("temporal noise"),
  effects: Type.Partial(Type.Object(EFFECTS), {
    additionalProperties: false,
    default: {},
    description: "Single magnitudes (docs/hardware.md).",
  }),
  step: STEP_SCHEMA,
} as const;

export interface InstanceOptions {
  readonly seed: number;
  readonly mismatch: number;
  readonly effects: Partial<Effects>;
}

/**
 * Identity of an instance. Calibrations are valid for one id, so it names all that changes what words do:
 * the seed, and a digest of mismatch and effects where they are not the defaults.
 */
export function instanceInfo({ seed, mismatch, effects }: InstanceOptions): ChipInfo {
  const defaults = effectsWith({});
  const changed = Object.entries(effectsWith(effects)).filter(
    ([name, value]) => defaults[name as keyof Effects] !== value,
  );
  const same = mismatch === 1 && changed.length === 0;
  const digest = same
    ? ""
    : `-${fnv(JSON.stringify([mismatch, changed]))
        .toString(16)
        .padStart(8, "0")}`;
  return {
    id: `simulated-${seed}${digest}`,
    kind: "simulated",
    description: `simulated BrainScaleS-2 chip ${seed}, mismatch × ${mismatch}`,
  };
}

/** 32-bit FNV-1a. */
function fnv(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return hash >>> 0;
}
