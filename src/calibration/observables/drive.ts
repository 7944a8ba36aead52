/**
 * Making all neurons spike at once: a train of strong excitatory events over one group of drivers per bus. Neurons
 * cross their thresholds within about 2 µs of each other; a long refractory time then holds them at reset.
 */

import { HOLD_OFF_MAX, PADI_BUSES, REFRACTORY_COUNTER_MAX } from "../../chip/limits.ts";
import { holdOffCycles, refractoryClockPeriod, resetCycles } from "../../chip/nominal.ts";
import type { Microseconds } from "../../core/units.ts";
import { clamp } from "../search.ts";
import type { HostEvent } from "../session.ts";
import { type StimulusOptions, stimulusLabel } from "../stimulus.ts";

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

export interface RefractorySetting {
  readonly counter: number;
  /** Of the clock. */
  readonly scale: number;
  /** How long the reset then lasts. */
  readonly held: Microseconds;
}

/**
 * Counter and finest clock that hold neurons at their reset for at least `time`, or for the time nearest to it, with the
 * shortest hold-off: the counter has one cycle more than the reset.
 */
export function refractorySetting(time: Microseconds, round: "up" | "nearest" = "up"): RefractorySetting {
  let scale = 0;
  while (scale < 15 && time / refractoryClockPeriod(scale) > REFRACTORY_COUNTER_MAX - 1) scale++;
  const exact = time / refractoryClockPeriod(scale);
  const cycles = round === "up" ? Math.ceil(exact - 1e-9) : Math.round(exact);
  const counter = clamp(cycles, 1, REFRACTORY_COUNTER_MAX - 1) + holdOffCycles(HOLD_OFF_MAX);
  return { counter, scale, held: resetCycles(counter, HOLD_OFF_MAX) * refractoryClockPeriod(scale) };
}
