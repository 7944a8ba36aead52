/**
 * The published data sheet of the analog part: what a typical circuit makes of a capmem code, and which code a typical
 * circuit needs. Potentials in CADC LSB of a nominally calibrated converter (4.5 mV), times in µs, currents in LSB/µs onto
 * a membrane of full capacitance. Sources per constant: docs/hardware.md, "Laws".
 *
 * The simulated chip multiplies these transfer functions with its fixed pattern. A calibration uses their inverses to
 * choose conditions ("a membrane of about 1 µs"), never as a result: every condition works with circuits off by half.
 */

import { power } from "../core/power.ts";
import type { Lsb, Microseconds } from "../core/units.ts";
import { CAPMEM_MAX } from "./limits.ts";

/** Potential = anchor + slope · (code − anchorCode). */
export interface PotentialTransfer {
  readonly anchor: Lsb;
  readonly anchorCode: number;
  /** LSB per code. */
  readonly slope: number;
}

export const LEAK_TRANSFER: PotentialTransfer = { anchor: 80, anchorCode: 629, slope: 0.33 };
export const RESET_TRANSFER: PotentialTransfer = { anchor: 80, anchorCode: 625, slope: 0.37 };
/** Also holds for reference voltages: the CADC reads codes 70 … 550 as 20 … 220. */
export const THRESHOLD_TRANSFER: PotentialTransfer = { anchor: 20, anchorCode: 70, slope: 200 / 480 };
/** CADC reads of two reference voltages that span its range. */
export const REFERENCE_LOW = { code: 70, read: 20 };
export const REFERENCE_HIGH = { code: 550, read: 220 };

export function potential(transfer: PotentialTransfer, code: number): Lsb {
  return transfer.anchor + transfer.slope * (code - transfer.anchorCode);
}

export function potentialCode(transfer: PotentialTransfer, value: Lsb): number {
  return validCode(transfer.anchorCode + (value - transfer.anchor) / transfer.slope);
}

/** Time constant = coefficient · code^exponent. */
interface PowerLaw {
  readonly coefficient: number;
  readonly exponent: number;
}

/** Exponents of the laws of time constants, in the range of switches that a typical target needs. */
export const TAU_MEM_EXPONENT = -0.72;
export const TAU_SYN_EXPONENT = { exc: -0.953, inh: -0.968 } as const;

const TAU_MEM: PowerLaw = { coefficient: 242, exponent: TAU_MEM_EXPONENT };
const TAU_MEM_DIVIDED: PowerLaw = { coefficient: 851, exponent: -0.59 };
const TAU_MEM_MULTIPLIED: PowerLaw = { coefficient: 242 / 8, exponent: TAU_MEM_EXPONENT };
const TAU_SYN_EXC: PowerLaw = { coefficient: 409, exponent: TAU_SYN_EXPONENT.exc };
const TAU_SYN_INH: PowerLaw = { coefficient: 407, exponent: TAU_SYN_EXPONENT.inh };
const TAU_SYN_EXC_HIGH_RESISTANCE: PowerLaw = { coefficient: 998, exponent: TAU_SYN_EXPONENT.exc };
const TAU_SYN_INH_HIGH_RESISTANCE: PowerLaw = { coefficient: 979, exponent: TAU_SYN_EXPONENT.inh };
/** Adaptation: as the membrane's, twenty times slower (assumed: 100 µs near code 290). */
const TAU_ADAPTATION: PowerLaw = { coefficient: 20 * 242, exponent: -0.72 };

/** A bias of code 0 still leaks: codes act as at least this. */
const SMALLEST_BIAS = 0.5;

function timeConstant(law: PowerLaw, code: number): number {
  return law.coefficient * power(Math.max(code, SMALLEST_BIAS), law.exponent);
}

function timeConstantCode(law: PowerLaw, value: number): number {
  return validCode(power(value / law.coefficient, 1 / law.exponent));
}

/** Of the leak of code 1. */
const LEAST_LEAK = 0.01;

function tauMemLaw(divide: boolean, multiply: boolean): PowerLaw {
  return divide ? TAU_MEM_DIVIDED : multiply ? TAU_MEM_MULTIPLIED : TAU_MEM;
}

/** Below the first code the leak falls in proportion: a bias of 0 turns it nearly off. */
export function membraneTimeConstant(code: number, divide: boolean, multiply: boolean): Microseconds {
  return timeConstant(tauMemLaw(divide, multiply), code) / Math.min(1, Math.max(code, LEAST_LEAK));
}

/** Switch state and bias of the leak for a membrane time constant at full capacitance. */
export interface LeakSetting {
  readonly leakBias: number;
  readonly leakDivide: number;
  readonly leakMultiply: number;
}

/** Of the three ranges the one whose code is in the middle of things. */
export function leakSetting(tauMem: Microseconds): LeakSetting {
  const divide = tauMem > 20;
  const multiply = tauMem < 2;
  return {
    leakBias: timeConstantCode(tauMemLaw(divide, multiply), tauMem),
    leakDivide: divide ? 1 : 0,
    leakMultiply: multiply ? 1 : 0,
  };
}

export type Sign = "exc" | "inh";

function tauSynLaw(sign: Sign, highResistance: boolean): PowerLaw {
  if (sign === "exc") return highResistance ? TAU_SYN_EXC_HIGH_RESISTANCE : TAU_SYN_EXC;
  return highResistance ? TAU_SYN_INH_HIGH_RESISTANCE : TAU_SYN_INH;
}

export function synapticTimeConstant(sign: Sign, code: number, highResistance: boolean): Microseconds {
  return timeConstant(tauSynLaw(sign, highResistance), code);
}

/**
 * The mode of the synaptic input and its bias code for a time constant. High resistance resolves time constants finer
 * and is taken wherever a typical circuit reaches the target with a code in the lower two thirds of the range.
 */
export function synapticTauSetting(
  sign: Sign,
  tauSyn: Microseconds,
): { code: number; highResistance: boolean } {
  const highResistance = tauSyn >= SHORTEST_HIGH_RESISTANCE;
  return { code: synapticTauCode(sign, tauSyn, highResistance), highResistance };
}

/** Near this the bias of a high-resistance input comes to the upper end of its range, µs. */
const SHORTEST_HIGH_RESISTANCE = 2.5;

export function synapticTauCode(sign: Sign, tauSyn: Microseconds, highResistance: boolean): number {
  return timeConstantCode(tauSynLaw(sign, highResistance), tauSyn);
}

export function adaptationTimeConstant(code: number): Microseconds {
  return timeConstant(TAU_ADAPTATION, code);
}

/** The bias code for a time constant of adaptation. */
export function adaptationCode(tau: Microseconds): number {
  return timeConstantCode(TAU_ADAPTATION, tau);
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

/** Jump of the synaptic current per weight unit, LSB/µs. */
export function synapticStrength(gm: number, dacBias: number): number {
  return STRENGTH_PER_DAC * dacBias * (gm / NOMINAL_GM);
}

/**
 * Current of the membrane's offset source per code, LSB/µs: between 0.01 and 0.02 by the rheobase of a published f-I
 * curve, and too weak for time constants below 3 µs at code 1000.
 */
export const OFFSET_CURRENT_PER_CODE = 0.015;

/** Code at which the typical synaptic input has no offset current. */
export const SHIFT_ZERO_CODE = 304;
/** Conditions under which `synapseShiftLsb` is stated. */
export const SHIFT_TAU = 10;

/** Leak bias at which the leak law holds. */
export const NOMINAL_LEAK_BIAS = 170;

/** Loss of pulse length per step of the ramp's offset around its middle, while short-term plasticity is on (assumed). */
const STP_OFFSET_STEP = 0.03;
const STP_OFFSET_MIDDLE = 8;

/** Factor of a driver's pulses: a later ramp is a shorter pulse. Without short-term plasticity the offset is not used. */
export function driverStpFactor(on: boolean, offset: number): number {
  return on ? 1 - STP_OFFSET_STEP * (offset - STP_OFFSET_MIDDLE) : 1;
}

/** Steepness of the exponential term, LSB, and the bias at which its threshold is the word's (assumed). */
export const EXP_SLOPE: Lsb = 5;
export const EXP_NOMINAL_BIAS = 500;
/** Adaptation: a in 1/µs and b in LSB/µs per code (assumed). */
export const ADAPT_A_PER_CODE = 0.0005;
export const ADAPT_B_PER_CODE = 0.002;

/** Clock of the refractory counters: 250 MHz / 2^(scale + 1). */
export function refractoryClockPeriod(scale: number): Microseconds {
  return 2 ** (scale + 1) / 250;
}

/** Cycles by which the reset ends before the refractory time: 1 … 31. */
export function holdOffCycles(word: number): number {
  return 31 - 2 * word;
}

/**
 * Cycles for which a spike holds the membrane at its reset. A counter below the hold-off never meets the value that
 * releases the reset early, so it lasts for the whole refractory time.
 */
export function resetCycles(counter: number, holdOff: number): number {
  const early = holdOffCycles(holdOff);
  return Math.max(1, counter > early ? counter - early : counter);
}

function validCode(code: number): number {
  return Math.round(Math.min(CAPMEM_MAX, Math.max(0, code)));
}
