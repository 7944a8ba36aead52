/**
 * The step of the kernel's grid for the neurons it holds. Propagators are exact and spikes are found inside steps, so
 * it is bounded by what is approximated: the path within a step, by polynomials, and one spike per neuron and step.
 */

import type { KernelNeurons } from "../kernel/kernel.ts";

/** Steps per shortest time constant: crossings are then good to some ps (bench: accuracy). */
const STEPS_PER_TAU = 6;
/** Time constants alone do not make it shorter than this, µs: single precision would cost more than it brings. */
const SHORTEST = 0.05;
/** Exponential and adaptive terms do not allow longer ones, µs. */
const WITH_ADEX = 0.25;
/** A refractory time outlasts its step by this factor. */
const REFRACTORY_MARGIN = 1.01;

/** @param longest what was asked for, µs */
export function kernelStep(neurons: KernelNeurons, longest: number): number {
  const { count, tauMem, tauSynExc, tauSynInh, threshold, refractory } = neurons;
  let shortestTau = Number.POSITIVE_INFINITY;
  let shortestHold = Number.POSITIVE_INFINITY;
  for (let i = 0; i < count; i++) {
    shortestTau = Math.min(shortestTau, tauMem[i]!, tauSynExc[i]!, tauSynInh[i]!);
    if (threshold[i]! < Number.POSITIVE_INFINITY) shortestHold = Math.min(shortestHold, refractory[i]!);
  }
  const smooth = Math.max(SHORTEST, shortestTau / STEPS_PER_TAU);
  const terms = neurons.adex === undefined ? Number.POSITIVE_INFINITY : WITH_ADEX;
  return Math.min(longest, smooth, terms, shortestHold / REFRACTORY_MARGIN);
}
