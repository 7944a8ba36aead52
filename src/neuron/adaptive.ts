/**
 * One neuron of the general family, prepared for the solvers beside this file:
 *
 *     τ_m V̇ = F(V) + E + I − w      τ_w ẇ = a V − w      τ_e Ė = −E      τ_i İ = −I      τ_h ḣ = −h
 *
 * and a spike where V − h rises to ϑ: then V = V_r for the refractory time, w += b, h += c. With F(V) = −V it is linear
 * and moves in closed form (linear-flow.ts, linear-crossing.ts); otherwise it is solved step by step (runge-kutta.ts).
 * The derivation of everything that follows from these equations is in docs/method.md.
 */

import { type Membrane, membrane } from "./closed-form.ts";
import { decay } from "./decay.ts";
import { type Spectrum, spectrum } from "./spectrum.ts";

/** Places of the variables in a state. */
export const V = 0;
export const W = 1;
export const E = 2;
export const I = 3;
export const H = 4;
export const STATE = 5;

/** The part of a model that is not linear: F(V) and its derivatives. */
export interface IntrinsicCurrent {
  /** F(V), model units. */
  current(v: number, neuron: AdaptiveNeuron): number;
  /** ∂F/∂V. */
  slope(v: number, neuron: AdaptiveNeuron): number;
  /** ∂F/∂θ of the constants that are in F, by their names. */
  readonly derivatives: { readonly [name: string]: (v: number, neuron: AdaptiveNeuron) => number };
}

/** Constants of one neuron as numbers; rates in 1/µs. */
export interface AdaptiveConstants {
  readonly tauMem: number;
  readonly tauSynExc: number;
  readonly tauSynInh: number;
  readonly threshold: number;
  readonly reset: number;
  readonly refractory: number;
  readonly adaptation: number;
  readonly adaptationJump: number;
  readonly tauAdaptation: number;
  readonly thresholdJump: number;
  readonly tauThreshold: number;
  readonly exponentialThreshold: number;
  readonly slopeFactor: number;
  readonly curvature: number;
  readonly tolerance: number;
}

export interface AdaptiveNeuron extends AdaptiveConstants {
  /** 1/τ_m, 1/τ_e, 1/τ_i, 1/τ_w, 1/τ_h. */
  readonly leakRate: number;
  readonly excRate: number;
  readonly inhRate: number;
  readonly adaptRate: number;
  readonly thresholdRate: number;
  /** Undefined: F(V) = −V. */
  readonly intrinsic: IntrinsicCurrent | undefined;
  /** Whether w, or h, can differ from 0. */
  readonly adapts: boolean;
  readonly movesThreshold: boolean;
  /** The closed forms of LIF, for neurons that are LIF. */
  readonly membrane: Membrane;
  /** Mean of the two eigenvalues of (V, w), and the square of half their difference: negative when they are complex. */
  readonly mean: number;
  readonly discriminant: number;
  /** The motion as a sum of exponentials, where that is exact enough. */
  readonly spectrum: Spectrum | undefined;
}

export function adaptiveNeuron(
  constants: AdaptiveConstants,
  intrinsic: IntrinsicCurrent | undefined,
): AdaptiveNeuron {
  const { tauMem, tauSynExc, tauSynInh, threshold, adaptation, adaptationJump, thresholdJump } = constants;
  const leakRate = 1 / tauMem;
  const adaptRate = 1 / constants.tauAdaptation;
  const excRate = 1 / tauSynExc;
  const inhRate = 1 / tauSynInh;
  const half = (leakRate - adaptRate) / 2;
  const mean = -(leakRate + adaptRate) / 2;
  const discriminant = half * half - adaptation * leakRate * adaptRate;
  return {
    ...constants,
    leakRate,
    excRate,
    inhRate,
    adaptRate,
    thresholdRate: 1 / constants.tauThreshold,
    intrinsic,
    adapts: adaptation !== 0 || adaptationJump !== 0,
    movesThreshold: thresholdJump !== 0,
    membrane: membrane(tauMem, tauSynExc, tauSynInh, threshold),
    mean,
    discriminant,
    spectrum: spectrum(mean, discriminant, leakRate, adaptRate, adaptation, excRate, inhRate),
  };
}

/** V̇ of a free membrane. */
export function membraneSlope(neuron: AdaptiveNeuron, x: Float64Array): number {
  const { intrinsic, leakRate } = neuron;
  const own = intrinsic === undefined ? -x[V]! : intrinsic.current(x[V]!, neuron);
  return leakRate * (own + x[E]! + x[I]! - x[W]!);
}

/** Moves a state by `s` while V is held: the rest is linear and does not act on V. */
export function moveHeld(neuron: AdaptiveNeuron, x: Float64Array, s: number): void {
  x[E] = x[E]! * decay(neuron.excRate * s);
  x[I] = x[I]! * decay(neuron.inhRate * s);
  if (neuron.adapts) {
    const target = neuron.adaptation * x[V]!;
    x[W] = target + (x[W]! - target) * decay(neuron.adaptRate * s);
  }
  if (neuron.movesThreshold) x[H] = x[H]! * decay(neuron.thresholdRate * s);
}

/** The transpose of `moveHeld`, on p = ∂L/∂x. */
export function moveHeldBack(neuron: AdaptiveNeuron, p: Float64Array, s: number): void {
  p[E] = p[E]! * decay(neuron.excRate * s);
  p[I] = p[I]! * decay(neuron.inhRate * s);
  if (neuron.adapts) {
    const left = decay(neuron.adaptRate * s);
    p[V] = p[V]! + neuron.adaptation * (1 - left) * p[W]!;
    p[W] = p[W]! * left;
  }
  if (neuron.movesThreshold) p[H] = p[H]! * decay(neuron.thresholdRate * s);
}

/** What a spike does to the state at once. */
export function resetState(neuron: AdaptiveNeuron, x: Float64Array): void {
  x[V] = neuron.reset;
  x[W] = x[W]! + neuron.adaptationJump;
  x[H] = x[H]! + neuron.thresholdJump;
}
