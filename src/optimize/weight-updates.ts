/** The table of what the weights are between updates: `training.update.kind`. */

import { choiceSchema } from "../core/option-schemas.ts";
import { stream } from "../core/random.ts";
import { member } from "../core/table.ts";

/** How an update becomes whole steps. */
const ROUNDINGS = ["stochastic", "nearest"] as const;
export type Rounding = (typeof ROUNDINGS)[number];

const float = member({
  kind: "float",
  summary: "the host keeps numbers and rounds them to words for every run",
  options: {},
  create: () => undefined,
});

const words = member({
  kind: "words",
  summary: "only the chip's words are kept, as a processor beside the synapses would; on a chip",
  options: {
    rounding: choiceSchema(ROUNDINGS, {
      default: "stochastic",
      description: "How an update becomes whole steps: by chance, right on average, or to the nearest.",
    }),
  },
  create: () => undefined,
});

export const WEIGHT_UPDATES = [float, words] as const;

// Weights that are words ------------------------------------------------------------------------------------

// Weights that are words and nothing else, as a processor beside the synapses would keep them: after each update every
// weight is a whole number of steps again, and what the update asked beyond that is lost or decided by chance.
//
//     w = n · step        n ← round((n · step + Δ) / step), within ±limit
//
// `nearest` loses every Δ below half a step, which small learning rates never exceed. `stochastic` rounds up with the
// probability of the fraction, so that the mean of many updates is Δ. (S. Gupta et al. 2015, arXiv 1502.02551.)
// The weight that is rounded is the sum over its copies (rows), which is then shared out: one rounding, not one per row.

/** The weights of one projection, `from` … `to` − 1. */
export interface WordRange {
  readonly from: number;
  readonly to: number;
  /** Model units per step; above 0. */
  readonly step: number;
  /** Largest number of steps. */
  readonly most: number;
}

/**
 * Rounds all ranges in place.
 * @param seed and @param update name the draws: an update is rounded the same however the run was cut
 */
export function roundToWords(
  ranges: readonly WordRange[],
  weights: Float64Array,
  rounding: Rounding,
  seed: number,
  update: number,
): void {
  const draws = stream(seed, "update/rounding", update);
  for (const { from, to, step, most } of ranges) {
    for (let i = from; i < to; i++) {
      const steps = weights[i]! / step;
      const rounded = Math.floor(steps + (rounding === "stochastic" ? draws.uniform() : 0.5));
      weights[i] = step * Math.max(-most, Math.min(most, rounded));
    }
  }
}

/** Weights that differ; both are whole numbers of steps. */
export function changedWords(
  ranges: readonly WordRange[],
  before: Float64Array,
  after: Float64Array,
): number {
  let changed = 0;
  for (const { from, to } of ranges) for (let i = from; i < to; i++) if (before[i] !== after[i]) changed++;
  return changed;
}
