/** Sums over an epoch or an evaluation, and the row of metrics.csv that they make. */

import type { Network } from "../network/network.ts";
import type { MetricsRow } from "./metrics.ts";
import type { Sums } from "./session.ts";
import { noStatistics, STATISTICS, type Statistics } from "./shared-state.ts";

export interface EpochTotals {
  /** Batches summed so far. */
  batches: number;
  readonly statistics: Statistics;
  readonly spikeCounts: Float64Array;
  /** Regularizers of batch and weights, times samples. */
  extra: number;
  saturated: number;
  wallMs: number;
  add(sums: Sums, extra: number, wallMs: number): void;
}

/** What of the totals goes into a checkpoint in the middle of an epoch. */
export interface SavedTotals {
  readonly batches: number;
  readonly statistics: Statistics;
  readonly spikeCounts: Float64Array;
  readonly extra: number;
  readonly saturated: number;
  readonly wallMs: number;
}

export function newTotals(network: Network, saved?: SavedTotals): EpochTotals {
  const totals: EpochTotals = {
    batches: saved?.batches ?? 0,
    statistics: { ...(saved?.statistics ?? noStatistics()) },
    spikeCounts: saved?.spikeCounts ?? new Float64Array(network.neurons),
    extra: saved?.extra ?? 0,
    saturated: saved?.saturated ?? 0,
    wallMs: saved?.wallMs ?? 0,
    add(sums, extra, wallMs) {
      for (const name of STATISTICS) totals.statistics[name] += sums.statistics[name];
      const { spikeCounts } = totals;
      for (let i = 0; i < spikeCounts.length; i++) spikeCounts[i] = spikeCounts[i]! + sums.spikeCounts[i]!;
      totals.extra += extra;
      totals.saturated = sums.saturated;
      totals.wallMs += wallMs;
    },
  };
  return totals;
}

/** @param learningRate null for evaluations, which have none and no backward pass */
export function metricsRow(
  epoch: number,
  split: string,
  totals: EpochTotals,
  network: Network,
  learningRate: number | null,
): MetricsRow {
  const { statistics: sum } = totals;
  const mean = (value: number): number => value / sum.samples;
  // Every placed network has rows to observe: without any there is no chip, and nobody knows what one would send.
  const onChip = sum.surrogateBytesObserved > 0;
  return {
    epoch,
    split,
    loss: mean(sum.loss + totals.extra),
    loss_classification: mean(sum.classification),
    loss_regularization: mean(sum.regularization + totals.extra),
    accuracy: mean(sum.correct),
    spikes_per_sample: mean(sum.spikes),
    silent_neurons: silentNeurons(network, totals.spikeCounts),
    saturated_weights: totals.saturated,
    capped_jumps: learningRate === null ? null : sum.cappedJumps,
    missing_outputs: sum.missingOutputs,
    learning_rate: learningRate,
    bytes_observed_per_sample: mean(sum.bytesObserved),
    bytes_kept_per_sample: learningRate === null ? null : mean(sum.bytesKept),
    bytes_observed_surrogate: onChip ? mean(sum.surrogateBytesObserved) : null,
    bytes_kept_surrogate: onChip && learningRate !== null ? mean(sum.surrogateBytesKept) : null,
    epoch_ms: rounded(totals.wallMs),
    chip_ms: rounded(sum.chipMs),
    host_ms: rounded(sum.hostMs),
  };
}

/** Spiking neurons without a spike. */
function silentNeurons(network: Network, spikeCounts: Float64Array): number {
  let silent = 0;
  for (const { model, start, size } of network.populations) {
    if (!model.spikes) continue;
    for (let neuron = start; neuron < start + size; neuron++) if (spikeCounts[neuron] === 0) silent++;
  }
  return silent;
}

function rounded(ms: number): number {
  return Math.round(ms * 1000) / 1000;
}
