/**
 * Making all neurons spike at once: a train of strong excitatory events over one group of drivers per bus. Neurons
 * cross their thresholds within about 2 µs of each other; a long refractory time then holds them at reset.
 */

import { PADI_BUSES, TICK_US } from "../../chip/limits.ts";
import type { Microseconds } from "../../core/units.ts";
import { type StimulusOptions, stimulusLabel } from "../stimulus.ts";
import type { HostEvent } from "../workbench.ts";

/** 8 drivers at full weight per event: 504 weight units, near the saturation of an input. */
export const DRIVE = { group: 8, weight: 63 } as const satisfies StimulusOptions;

const EVENTS = 12;
const SPACING = 0.4;
/** Time from the first event after which every healthy neuron has spiked. */
export const DRIVE_LENGTH: Microseconds = EVENTS * SPACING + 1;

/** Events of one train that begins at `start`. */
export function driveTrain(start: Microseconds): HostEvent[] {
  return Array.from({ length: EVENTS }, (_, k) => ({
    time: start + k * SPACING,
    label: stimulusLabel(k % PADI_BUSES, 0, "exc"),
  }));
}

/** Refractory words that hold neurons for at least `time`, at the finest clock that can. */
export function refractoryWords(time: Microseconds): { readonly cycles: number; readonly scale: number } {
  let scale = 0;
  while (scale < 15 && time / refractoryPeriod(scale) > 255) scale++;
  const cycles = Math.min(255, Math.max(1, Math.ceil(time / refractoryPeriod(scale) - 1e-9)));
  return { cycles, scale };
}

/** Period of the refractory clock, 250 MHz / 2^(scale + 1), µs. */
export function refractoryPeriod(scale: number): Microseconds {
  return 2 ** scale * TICK_US;
}
