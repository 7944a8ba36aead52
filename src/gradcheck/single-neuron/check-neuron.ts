/** `grad-check single-neuron` without its terminal: all regimes on one chip, or in software. */

import type { Report } from "../../core/progress.ts";
import { logarithmicSlope, medianOf } from "../../statistics/spread.ts";
import type { Variant } from "./estimates.ts";
import { type ChipKind, neuronExperiment, REGIMES, ROWS } from "./neuron-experiment.ts";
import { digitalWeights, type Sweep, sweepWeights } from "./sweep.ts";

export interface NeuronRequest {
  readonly chip: ChipKind;
  readonly chipSeed: number;
  readonly trials: number;
  readonly report: Report;
}

export interface NeuronCheck {
  readonly chip: ChipKind;
  /** null where there is only one such chip. */
  readonly chipSeed: number | null;
  readonly trials: number;
  readonly passed: boolean;
  readonly sweeps: readonly (Sweep & { readonly summary: SweepSummary })[];
}

/** Weights relative to the critical one: two that must not spike, then from the divergence to the flat part. */
const WEIGHTS = [0.9, 0.97, 1.02, 1.05, 1.1, 1.15, 1.2, 1.3, 1.4, 1.5, 1.6, 1.7, 1.8, 2, 2.2, 2.4];
/** Steps of estimators on a grid, µs: the published one, and finer. Clock-time of a chip adds nothing below 0.1. */
const CHIP_GRIDS = [1, 0.5, 0.1];
const SOFTWARE_GRIDS = [1, 0.5, 0.1, 0.05, 0.01];

export async function checkNeuron({ chip, chipSeed, trials, report }: NeuronRequest): Promise<NeuronCheck> {
  const sweeps: (Sweep & { summary: SweepSummary })[] = [];
  const grids = chip === "software" ? SOFTWARE_GRIDS : CHIP_GRIDS;
  const weights = digitalWeights(WEIGHTS, ROWS);
  for (const regime of REGIMES) {
    const experiment = neuronExperiment(regime, chip, chipSeed);
    const sweep = await sweepWeights({ experiment, trials, grids, weights, report });
    sweeps.push({ ...sweep, summary: summarize(sweep) });
  }
  const passed = sweeps.every(({ summary }) => summary.missed.length === 0);
  return { chip, chipSeed: chip === "simulated" ? chipSeed : null, trials, passed, sweeps };
}

// The summary -----------------------------------------------------------------------------------------------

// What a sweep says about each estimator in one number: the median distance from the closed form over the weights
// from 1.1 w_c up, for L = T. In software the estimators' claims are judged on it, weight by weight.

export interface VariantSummary extends Variant {
  /** Median and largest |mean / analytic − 1| over the weights that count; null when none does. */
  readonly median: number | null;
  readonly largest: number | null;
  /** Weights that count. */
  readonly weights: number;
}

export interface SweepSummary {
  readonly variants: readonly VariantSummary[];
  /** Slope of ln(median) over ln(dt) of estimators on a grid, in software; null without errors. */
  readonly gridSlope: number | null;
  /** Largest |mean spike time / analytic − 1| over the weights that count. */
  readonly time: number | null;
  /** Claims that were missed, in words. Always empty on a chip: there the estimates are compared, but no claim is judged. */
  readonly missed: readonly string[];
}

/** Weights below scatter: the gradient diverges at the critical weight. */
const FROM = 1.1;
/** In software the closed form is met down to here … */
const SOFTWARE_FROM = 1.01;
/** … within this, relative. */
const SOFTWARE_TOLERANCE = 1e-9;

export function summarize(sweep: Sweep): SweepSummary {
  const software = sweep.calibrated === null;
  const from = software ? SOFTWARE_FROM : FROM;
  const rows = sweep.rows.filter(({ ratio, analyticTime }) => ratio >= from && analyticTime !== null);
  const variants = sweep.variants.map((variant, i): VariantSummary => {
    const distances = rows.flatMap(({ losses: { time } }) => {
      const estimate = time.estimates[i];
      return estimate == null || time.analytic === null ? [] : [Math.abs(estimate.mean / time.analytic - 1)];
    });
    const largest = distances.length === 0 ? null : Math.max(...distances);
    return { ...variant, median: medianOf(distances), largest, weights: distances.length };
  });
  const times = rows.flatMap(({ time, analyticTime }) =>
    time === null ? [] : [Math.abs(time.mean / (analyticTime as number) - 1)],
  );
  const grids = variants.filter(({ dt, median }) => dt !== null && median !== null && median > 0);
  const gridSlope =
    grids.length < 2
      ? null
      : logarithmicSlope(
          grids.map(({ dt }) => dt as number),
          grids.map(({ median }) => median as number),
        );
  const missed = software ? softwareMisses(variants, times, gridSlope) : [];
  if (times.length === 0) missed.push("nothing was checked: no trial spiked at a weight where it should");
  return { variants, gridSlope, time: times.length === 0 ? null : Math.max(...times), missed };
}

function softwareMisses(
  variants: readonly VariantSummary[],
  times: readonly number[],
  gridSlope: number | null,
): string[] {
  const off = (what: string, error: number): string[] =>
    error <= SOFTWARE_TOLERANCE ? [] : [`${what} is off by ${error.toExponential(1)}`];
  const exact = variants.filter(({ dt }) => dt === null);
  return [
    ...off("the spike time", Math.max(0, ...times)),
    ...exact.flatMap(({ estimator, largest }) => off(`the gradient of ${estimator}`, largest ?? 0)),
    ...(gridSlope !== null && !(gridSlope > 0.7 && gridSlope < 1.4)
      ? [`the error of the grid falls with dt to the power ${gridSlope.toFixed(2)}, not 1`]
      : []),
  ];
}
