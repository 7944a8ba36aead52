/**
 * Constants of one leaky membrane with two synaptic currents, prepared for the closed forms of this folder.
 *
 *     τ_m V̇ = −V + E + I      τ_e Ė = −E      τ_i İ = −I          (docs/method.md, section 1)
 *
 * E ≥ 0 is the excitatory and I ≤ 0 the inhibitory current, in units of the potential they would hold. When
 * τ_e = τ_i the two are one current: their sum lives in E, of either sign, and I stays 0.
 *
 * The folder is mathematics on plain numbers: it knows no networks, events or buffers of others. Functions
 * share workspaces of their module and are therefore not re-entrant.
 */

import type { Microseconds, ModelVoltage } from "../core/units.ts";

export interface Membrane {
  /** 1/τ_m, 1/τ_e, 1/τ_i in 1/µs. */
  readonly leakRate: number;
  readonly excRate: number;
  readonly inhRate: number;
  readonly fastestRate: number;
  /** τ_e = τ_i: both kinds of input add to the excitatory slot. */
  readonly oneCurrent: boolean;
  /** Infinity for a membrane that never spikes. */
  readonly threshold: ModelVoltage;
  /** At or below this total current the membrane cannot rise through the threshold. */
  readonly quietCurrent: number;
  /** Coefficients of the two bounds in `outOfReach`. */
  readonly seriesSquare: number;
  readonly seriesCube: number;
  readonly tangentValue: number;
  readonly tangentSlope: number;
}

/** Time constants > 0. */
export function membrane(
  tauMem: Microseconds,
  tauSynExc: Microseconds,
  tauSynInh: Microseconds,
  threshold: ModelVoltage,
): Membrane {
  // f(y) = (1 + ρy)^{1/ρ}, ρ = τ_e/τ_m − 1, is bounded from below for all y > 0 by its binomial series up to
  // any term after which the next coefficient is not negative, and where it is convex by its tangent at 1.
  const rho = tauSynExc / tauMem - 1;
  const square = rho <= 1 / 2 || rho >= 1;
  const cube = rho <= 1 / 3;
  const convex = rho <= 1;
  const atOne = rho === 0 ? Math.E : (1 + rho) ** (1 / rho);
  return {
    leakRate: 1 / tauMem,
    excRate: 1 / tauSynExc,
    inhRate: 1 / tauSynInh,
    fastestRate: 1 / Math.min(tauMem, tauSynExc, tauSynInh),
    oneCurrent: tauSynExc === tauSynInh,
    threshold,
    quietCurrent: threshold >= 0 ? threshold : Number.NEGATIVE_INFINITY,
    seriesSquare: square ? (1 - rho) / 2 : 0,
    seriesCube: cube ? ((1 - rho) * (1 - 2 * rho)) / 6 : 0,
    tangentValue: convex ? atOne : 0,
    tangentSlope: convex ? atOne / (1 + rho) : 0,
  };
}

/**
 * Whether the membrane certainly does not rise through its threshold from (V, E) without further excitation,
 * while the inhibitory current is at most `i` ≤ 0: a cheap test, true for most intervals between events.
 *
 * With the inhibition held at i, V − i relaxes towards E alone. It peaks where it equals E, from v − i at the
 * height E/f(y), f(y) = (1 + ρy)^{1/ρ}, y = 1 − (v − i)/E (time of the peak: interior-maximum.ts). Two lower
 * bounds of f stand for it: its series is close for small y, its tangent at y = 1 near a start from rest.
 */
export function outOfReach(constants: Membrane, v: number, e: number, i: number): boolean {
  if (e + i <= constants.quietCurrent) return true;
  if (!(e > 0)) return false;
  const y = 1 - (v - i) / e;
  const series = 1 + y * (1 + y * (constants.seriesSquare + y * constants.seriesCube));
  const tangent = constants.tangentValue + constants.tangentSlope * (y - 1);
  return e < (constants.threshold - i) * Math.max(series, tangent);
}
