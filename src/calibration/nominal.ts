/**
 * What is known of the chip before measuring: published laws from codes to parameters of a typical circuit. They
 * choose measurement conditions (a membrane "of about 1 µs", a leak "some 40 LSB higher") and are never a result:
 * every condition works with circuits that are off by half.
 *
 * Sources (docs/hardware.md, "Laws"): potentials from electronicvisions/brainscales2-demos:fp_calibration.rst and a
 * published calibration; time constants from electronicvisions/hxtorch:tests (parameter training), strength from
 * its weight scaling test.
 */

import { CAPMEM_MAX } from "../chip/limits.ts";
import { power } from "../core/power.ts";
import type { Lsb, Microseconds } from "../core/units.ts";
import { clamp } from "./search.ts";

/** LSB per code of the potentials. */
export const LEAK_SLOPE = 0.33;
export const RESET_SLOPE = 0.37;
export const THRESHOLD_SLOPE = 200 / 480;
/** Current onto the membrane per code of the offset current, LSB/µs. */
export const OFFSET_CURRENT_SLOPE = 0.09;
/** CADC code of a reference voltage: 70 … 550 span 20 … 220. */
export const REFERENCE_LOW = { code: 70, read: 20 };
export const REFERENCE_HIGH = { code: 550, read: 220 };

export function leakCode(potential: Lsb): number {
  return word(629 + (potential - 80) / LEAK_SLOPE);
}

export function resetCode(potential: Lsb): number {
  return word(625 + (potential - 80) / RESET_SLOPE);
}

export function thresholdCode(potential: Lsb): number {
  return word(70 + (potential - 20) / THRESHOLD_SLOPE);
}

/** Switch state and bias of the leak for a membrane time constant at full capacitance. */
export interface LeakWords {
  readonly leakBias: number;
  readonly leakDivide: number;
  readonly leakMultiply: number;
}

/** Of the three ranges the one whose code is in the middle of things. */
export function leakWords(tauMem: Microseconds): LeakWords {
  if (tauMem > 20) return { leakBias: word(power(851 / tauMem, 1 / 0.59)), leakDivide: 1, leakMultiply: 0 };
  if (tauMem < 2)
    return { leakBias: word(power(242 / 8 / tauMem, 1 / 0.72)), leakDivide: 0, leakMultiply: 1 };
  return { leakBias: word(power(242 / tauMem, 1 / 0.72)), leakDivide: 0, leakMultiply: 0 };
}

/**
 * Whether the slow range of the synaptic inputs (high resistance) is the better one: it resolves long time constants
 * finer. The switch is common to both signs, so the shorter target decides.
 */
export function slowSynapses(tauSynExc: Microseconds, tauSynInh: Microseconds): boolean {
  return Math.min(tauSynExc, tauSynInh) > 4;
}

/** Bias of the synaptic time constants, in the slow or the fast range. */
export function synapseTauCode(tauSyn: Microseconds, slow: boolean): number {
  return word(power((slow ? 998 : 409) / tauSyn, 1 / 0.953));
}

/** Jump of the synaptic current per weight unit, LSB/µs. */
export function strengthAt(gm: number, dacBias: number): number {
  return Math.E * 6e-5 * dacBias * (gm / 500);
}

function word(code: number): number {
  return Math.round(clamp(code, 0, CAPMEM_MAX));
}
