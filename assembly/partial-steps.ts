/**
 * Coefficients of steps that an input cuts short, kept by their length: inputs come with the ticks of a clock, so a few
 * hundred lengths recur in all samples, and working one out costs as much as the step. Each slot holds the last length
 * that fell on it.
 */

import { CUT, CUT_BYTES, CUT_LENGTH, CUT_SLOTS } from "../src/chip/kernel/layout";
import { length } from "./step-window";
import { propagateAll } from "./propagators";

/** Slots per µs, 2 ns each: a quarter of the chip's tick, since the default step of 93.75 ticks leaves quarters. */
const PER_TIME: f32 = 500;

/** From AM … STEP_NOISE of the full step to those of the step in progress, bytes. */
export let coefficients: usize = 0;

export function useFullStep(): void {
  coefficients = 0;
}

export function useCutStep(): void {
  const slot: usize = <usize>(length * PER_TIME + <f32>0.5) & (CUT_SLOTS - 1);
  coefficients = CUT + slot * CUT_BYTES;
  if (load<f32>(slot << 2, CUT_LENGTH) == length) return;
  propagateAll(length, coefficients);
  store<f32>(slot << 2, length, CUT_LENGTH);
}
