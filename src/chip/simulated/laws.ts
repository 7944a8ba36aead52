/**
 * Nominal laws of the analog part: what a typical circuit makes of a capmem code. Potentials in CADC LSB of a
 * nominally calibrated converter (4.5 mV), times in µs, currents in LSB/µs onto a membrane of full capacitance.
 * Sources per constant: docs/hardware.md, "Laws". Deviations of single circuits are in neuron-pattern.ts.
 */

import { power } from "../../core/power.ts";

/** Potential = anchor + slope · (code − anchorCode). */
export interface PotentialLaw {
  readonly anchor: number;
  readonly anchorCode: number;
  readonly slope: number;
}

export const LEAK_LAW: PotentialLaw = { anchor: 80, anchorCode: 629, slope: 0.33 };
export const RESET_LAW: PotentialLaw = { anchor: 80, anchorCode: 625, slope: 0.37 };
/** Also the law of reference voltages: codes 70 … 550 are reads 20 … 220. */
export const THRESHOLD_LAW: PotentialLaw = { anchor: 20, anchorCode: 70, slope: 200 / 480 };

export function potential(law: PotentialLaw, code: number): number {
  return law.anchor + law.slope * (code - law.anchorCode);
}

/** Time constant = coefficient · code^exponent. */
interface PowerLaw {
  readonly coefficient: number;
  readonly exponent: number;
}

const TAU_MEM: PowerLaw = { coefficient: 242, exponent: -0.72 };
const TAU_MEM_DIVIDED: PowerLaw = { coefficient: 851, exponent: -0.59 };
const TAU_MEM_MULTIPLIED: PowerLaw = { coefficient: 242 / 8, exponent: -0.72 };
const TAU_SYN_EXC: PowerLaw = { coefficient: 409, exponent: -0.953 };
const TAU_SYN_INH: PowerLaw = { coefficient: 407, exponent: -0.968 };
const TAU_SYN_EXC_HIGH_RESISTANCE: PowerLaw = { coefficient: 998, exponent: -0.953 };
const TAU_SYN_INH_HIGH_RESISTANCE: PowerLaw = { coefficient: 979, exponent: -0.968 };
/** Adaptation: as the membrane's, twenty times slower (assumed: 100 µs near code 290). */
const TAU_ADAPTATION: PowerLaw = { coefficient: 20 * 242, exponent: -0.72 };

/** A bias of code 0 still leaks: codes act as at least this. */
const SMALLEST_BIAS = 0.5;

function byLaw(law: PowerLaw, code: number): number {
  return law.coefficient * power(Math.max(code, SMALLEST_BIAS), law.exponent);
}

export function membraneTimeConstant(code: number, divide: boolean, multiply: boolean): number {
  return byLaw(divide ? TAU_MEM_DIVIDED : multiply ? TAU_MEM_MULTIPLIED : TAU_MEM, code);
}

export function excitatoryTimeConstant(code: number, highResistance: boolean): number {
  return byLaw(highResistance ? TAU_SYN_EXC_HIGH_RESISTANCE : TAU_SYN_EXC, code);
}

export function inhibitoryTimeConstant(code: number, highResistance: boolean): number {
  return byLaw(highResistance ? TAU_SYN_INH_HIGH_RESISTANCE : TAU_SYN_INH, code);
}

export function adaptationTimeConstant(code: number): number {
  return byLaw(TAU_ADAPTATION, code);
}

/** Capacitance that every membrane has beside its capacitor, in LSB of the 6-bit word. */
export const PARASITIC_CAPACITANCE = 6.3;
/** Capacitance at which the laws above hold. */
export const FULL_CAPACITANCE = 63 + PARASITIC_CAPACITANCE;

/**
 * Jump of the synaptic current per weight unit at DAC bias 1 and gm 500. From the peak of a single PSP with
 * τ_m = τ_s = τ, 6e-5 LSB · w · τ/µs · dac: the peak of t·exp(−t/τ)·I is I·τ/e.
 */
export const STRENGTH_PER_DAC = Math.E * 6e-5;
export const NOMINAL_GM = 500;
export const NOMINAL_DAC_BIAS = 600;

/** Current of the membrane's offset source per code: 1 µA / 1022 onto 2.42 pF at 4.5 mV per LSB. */
export const OFFSET_CURRENT_PER_CODE = 0.09;

/** Code at which the typical synaptic input has no offset current. */
export const SHIFT_ZERO_CODE = 304;
/** Conditions under which `synapseShiftLsb` is stated. */
export const SHIFT_TAU = 10;

/** Leak bias at which the leak law holds. */
export const NOMINAL_LEAK_BIAS = 170;

/** Pulse strength per step of the driver's offset word around its middle (assumed). */
export const DRIVER_OFFSET_STEP = 0.03;
export const DRIVER_OFFSET_MIDDLE = 8;

/** Exponential term: Δ_T per code (assumed); the bias moves V_T by −Δ_T ln(bias / 500). */
export const EXP_SLOPE_PER_CODE = 0.02;
export const EXP_NOMINAL_BIAS = 500;
/** Adaptation: a in 1/µs and b in LSB/µs per code (assumed). */
export const ADAPT_A_PER_CODE = 0.0005;
export const ADAPT_B_PER_CODE = 0.002;

/** Clock of the refractory counters: 250 MHz / 2^(scale + 1). */
export function refractoryClockPeriod(scale: number): number {
  return 2 ** (scale + 1) / 250;
}
