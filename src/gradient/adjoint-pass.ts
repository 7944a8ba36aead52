/**
 * One sample on its way back: what the parts of the exact adjoint read and write. Stages (groups of populations
 * that are computed together) are visited from the outputs to the inputs.
 *
 * For each neuron p_V = ∂L/∂V, p_E = ∂L/∂I_e, p_I = ∂L/∂I_i, backwards in time (s = −t; rates a, b, c):
 *
 *     dp_V/ds = −a p_V      dp_E/ds = −b p_E + a p_V      dp_I/ds = −c p_I + a p_V
 *     at a sample           p_V += ∂L/∂V
 *     at a release          q = V̇(release⁺) p_V, then p_V = 0 until the spike
 *     at an own spike t_k   p_V = (q − ∂L/∂t_k) / V̇(t_k⁻)
 *     at an arrival         ∂L/∂w += p_E          ∂L/∂t of the source += w (b p_E − a p_V)
 *                           with p_I, c for p_E, b where w < 0
 *
 * T. Wunderlich, C. Pehle (2021), arXiv 2009.08378; C. Pehle et al. (2023), arXiv 2302.07141; in this notation
 * in docs/method.md. Order at equal times, forwards: release, sample, spike, arrival.
 */

import type { Cotangent } from "../loss/types.ts";
import type { Observation } from "../network/observation.ts";
import type { GradientCounts } from "./types.ts";

export interface AdjointPass {
  observation: Observation;
  weights: Float64Array;
  cotangent: Cotangent;
  /** Written: ∂L/∂w is added, laid out as in Projection.offset. */
  gradient: Float64Array;
  /** Written. */
  counts: GradientCounts;
  /** Entries that its working arrays must have, among them those of its spike timeline. */
  room: number;
}

export interface StageAdjoint {
  /** All stages that this one acts on have been run. */
  run(pass: AdjointPass): void;
}
