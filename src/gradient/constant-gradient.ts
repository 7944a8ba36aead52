/**
 * The gradient of a neuron's constants: ∂L/∂θ = ∫ p·f_θ dt over its way (general-adjoint.ts), with
 *
 *     τ_m: −p_V V̇/τ_m      τ_w: −p_w ẇ/τ_w      a: p_w V/τ_w      τ_e: p_E E/τ_e²  (τ_i, τ_h alike)
 *     a constant of F(V):  p_V F_θ/τ_m
 *
 * Along recorded steps the integral is taken at the stages of the method that moves p. Closed forms are integrated by
 * Gauss and Legendre's rule on pieces that are short beside every time constant, where it is exact to rounding.
 */

import {
  type AdaptiveNeuron,
  E,
  H,
  I,
  membraneSlope,
  moveHeld,
  moveHeldBack,
  STATE,
  V,
  W,
} from "../neuron/adaptive.ts";
import { moveLinear, moveLinearBack } from "../neuron/linear-flow.ts";

/** Abscissas (the other half has the opposite sign) and weights of Gauss and Legendre's rule with 10 points on −1 … 1. */
const GAUSS = [
  [0.14887433898163122, 0.29552422471475287],
  [0.4333953941292472, 0.26926671930999635],
  [0.6794095682990244, 0.21908636251598204],
  [0.8650633666889845, 0.1494513491505806],
  [0.9739065285171717, 0.06667134430868814],
] as const;

export interface ConstantIntegrals {
  clear(): void;
  add(name: string, value: number): void;
  /** The derivative by a constant; `tauSyn` is that by both synaptic time constants together. */
  of(name: string): number;
  /** Adds weight · p·f_θ of a free neuron for all constants. */
  readonly visit: (weight: number, p: Float64Array, x: Float64Array) => void;
  /** Adds the integral over a stretch in closed form: x at its start, p at its end. */
  integrate(p: Float64Array, x: Float64Array, s: number, held: boolean): void;
  /** The neuron that the others speak of. */
  neuron: AdaptiveNeuron | undefined;
}

export function createConstantIntegrals(): ConstantIntegrals {
  const sum = new Map<string, number>();
  const adjoint = new Float64Array(STATE);
  const state = new Float64Array(STATE);
  const add = (name: string, value: number): void => {
    sum.set(name, (sum.get(name) ?? 0) + value);
  };

  const visit = (weight: number, p: Float64Array, x: Float64Array, held: boolean): void => {
    const neuron = integrals.neuron as AdaptiveNeuron;
    const { leakRate, excRate, inhRate, adaptRate, thresholdRate, adaptation, intrinsic } = neuron;
    add("tauSynExc", weight * p[E]! * x[E]! * excRate * excRate);
    add("tauSynInh", weight * p[I]! * x[I]! * inhRate * inhRate);
    if (neuron.adapts) {
      add("adaptation", weight * p[W]! * adaptRate * x[V]!);
      add("tauAdaptation", -weight * p[W]! * adaptRate * adaptRate * (adaptation * x[V]! - x[W]!));
    }
    if (neuron.movesThreshold) add("tauThreshold", weight * p[H]! * x[H]! * thresholdRate * thresholdRate);
    if (held) return;
    add("tauMem", -weight * p[V]! * leakRate * membraneSlope(neuron, x));
    if (intrinsic === undefined) return;
    for (const [name, derivative] of Object.entries(intrinsic.derivatives)) {
      add(name, weight * p[V]! * leakRate * derivative(x[V]!, neuron));
    }
  };

  const integrals: ConstantIntegrals = {
    neuron: undefined,
    clear: () => sum.clear(),
    add,
    of: (name) =>
      name === "tauSyn" ? (sum.get("tauSynExc") ?? 0) + (sum.get("tauSynInh") ?? 0) : (sum.get(name) ?? 0),
    visit: (weight, p, x) => visit(weight, p, x, false),
    integrate(p, x, s, held) {
      const neuron = integrals.neuron as AdaptiveNeuron;
      const { membrane, adaptRate, thresholdRate, discriminant } = neuron;
      const fastest = Math.max(
        membrane.fastestRate,
        neuron.adapts ? Math.max(adaptRate, Math.sqrt(Math.abs(discriminant))) : 0,
        neuron.movesThreshold ? thresholdRate : 0,
      );
      const pieces = Math.max(1, Math.ceil(s * fastest));
      const half = s / pieces / 2;
      for (let piece = 0; piece < pieces; piece++) {
        const middle = (2 * piece + 1) * half;
        for (const [abscissa, weight] of GAUSS) {
          for (const u of [middle - half * abscissa, middle + half * abscissa]) {
            state.set(x);
            adjoint.set(p);
            if (held) {
              moveHeld(neuron, state, u);
              moveHeldBack(neuron, adjoint, s - u);
            } else {
              moveLinear(neuron, state, u);
              moveLinearBack(neuron, adjoint, s - u);
            }
            visit(half * weight, adjoint, state, held);
          }
        }
      }
    },
  };
  return integrals;
}
