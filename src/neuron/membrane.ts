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
  /** a/(b − a) and a/(c − a), see flow.ts; infinite, and unused, where the rates are equal. */
  readonly excGain: number;
  readonly inhGain: number;
  /** τ_e = τ_i: both kinds of input add to the excitatory slot. */
  readonly oneCurrent: boolean;
  /** Infinity for a membrane that never spikes. */
  readonly threshold: ModelVoltage;
  /** At or below this total current the membrane cannot rise through the threshold. */
  readonly quietCurrent: number;
  /** Coefficients of the bounds in `outOfReach`: c₀ + c₁ y, c₀ + c₁ y, and c₂ in 1 + y + c₂ y². */
  readonly restValue: number;
  readonly restSlope: number;
  readonly risenValue: number;
  readonly risenSlope: number;
  readonly seriesSquare: number;
}

/** Time constants > 0. */
export function membrane(
  tauMem: Microseconds,
  tauSynExc: Microseconds,
  tauSynInh: Microseconds,
  threshold: ModelVoltage,
): Membrane {
  const leakRate = 1 / tauMem;
  const excRate = 1 / tauSynExc;
  const inhRate = 1 / tauSynInh;
  const rho = tauSynExc / tauMem - 1;
  const [restValue, restSlope] = tangent(rho, 1);
  const [risenValue, risenSlope] = tangent(rho, 3 / 4);
  return {
    leakRate,
    excRate,
    inhRate,
    fastestRate: Math.max(leakRate, excRate, inhRate),
    excGain: leakRate / (excRate - leakRate),
    inhGain: leakRate / (inhRate - leakRate),
    oneCurrent: tauSynExc === tauSynInh,
    threshold,
    quietCurrent: threshold >= 0 ? threshold : Number.NEGATIVE_INFINITY,
    restValue,
    restSlope,
    risenValue,
    risenSlope,
    // The series of f up to a term is a lower bound for all y > 0 if the next coefficient is not negative.
    seriesSquare: rho <= 1 / 2 || rho >= 1 ? (1 - rho) / 2 : 0,
  };
}

/** Tangent of f(y) = (1 + ρy)^{1/ρ} at `y`, a lower bound where f is convex; elsewhere one that says nothing. */
function tangent(rho: number, y: number): readonly [value: number, slope: number] {
  if (rho > 1) return [0, 0];
  const value = Math.exp(rho === 0 ? y : Math.log1p(rho * y) / rho);
  const slope = value / (1 + rho * y);
  return [value - slope * y, slope];
}

/**
 * Whether the membrane certainly does not rise through its threshold from (V, E) without further excitation,
 * while the inhibitory current is at most `i` ≤ 0: a cheap test, true for most intervals between events.
 *
 * With the inhibition held at i, V − i relaxes towards E alone. It peaks where it equals E, from v − i at the
 * height E/f(y), f(y) = (1 + ρy)^{1/ρ}, ρ = τ_e/τ_m − 1, y = 1 − (v − i)/E (time of the peak:
 * interior-maximum.ts). Three lower bounds of f stand for it: tangents at y = 1, a start from rest, and at
 * y = 3/4, and its series, close for small y.
 */
export function outOfReach(constants: Membrane, v: number, e: number, i: number): boolean {
  if (e + i <= constants.quietCurrent) return true;
  if (!(e > 0)) return false;
  const y = 1 - (v - i) / e;
  const rest = constants.restValue + constants.restSlope * y;
  const risen = constants.risenValue + constants.risenSlope * y;
  const series = 1 + y * (1 + y * constants.seriesSquare);
  return e < (constants.threshold - i) * Math.max(rest, risen, series);
}
