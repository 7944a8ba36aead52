/** `grad-check single-neuron` without its terminal: all regimes on one chip, or in software. */

import type { Report } from "../../core/progress.ts";
import { type ChipKind, neuronExperiment, REGIMES, ROWS } from "./neuron-experiment.ts";
import { type SweepSummary, summarize } from "./summary.ts";
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
