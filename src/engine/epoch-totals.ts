/** Sums over an epoch or an evaluation, and the row of metrics.csv that they make. */

import { beyondClosedForm } from "../network/adaptive-neurons.ts";
import type { Network } from "../network/network.ts";
import type { LoadedWeights, ObservationCost } from "./executor.ts";
import type { MetricsRow } from "./metrics.ts";
import type { Sums } from "./parallel-executor.ts";
import { noStatistics, STATISTICS, type Statistics } from "./worker-pool.ts";

/** What is summed; plain data, so that a checkpoint in the middle of an epoch can hold it. */
export interface SavedTotals {
  /** Batches summed so far. */
  batches: number;
  readonly statistics: Statistics;
  readonly spikeCounts: Float64Array;
  /** Samples in which no neuron of a population spiked. */
  readonly silentSamples: Float64Array;
  /** Squared length of each projection's gradient, summed over batches, and batches in which all of it was zero. */
  readonly gradientSquares: Float64Array;
  readonly zeroGradients: Float64Array;
  /** Weights of each projection that were rounded to zero, or held at the limit, when the split was last run. */
  readonly zeroedWeights: Float64Array;
  readonly limitedWeights: Float64Array;
  /** Batches whose gradient was clipped; null when none is. */
  clippedBatches: number | null;
  /** Regularizers of batch and weights, times samples. */
  extra: number;
  saturated: number;
  wallMs: number;
}

export interface EpochTotals extends SavedTotals {
  add(sums: Sums, extra: number, wallMs: number): void;
  /** Counts the gradient of a batch, before it is clipped. */
  addGradient(gradient: Float64Array): void;
  /** Counts whether the gradient of a batch was clipped; undefined where none is. */
  addClipped(clipped: boolean | undefined): void;
  saved(): SavedTotals;
}

export function newTotals(network: Network, saved?: SavedTotals): EpochTotals {
  const { populations, projections } = network;
  const sums: SavedTotals = saved ?? {
    batches: 0,
    statistics: noStatistics(),
    spikeCounts: new Float64Array(network.neurons),
    silentSamples: new Float64Array(populations.length),
    gradientSquares: new Float64Array(projections.length),
    zeroGradients: new Float64Array(projections.length),
    zeroedWeights: new Float64Array(projections.length),
    limitedWeights: new Float64Array(projections.length),
    clippedBatches: null,
    extra: 0,
    saturated: 0,
    wallMs: 0,
  };
  const totals: EpochTotals = {
    ...sums,
    add(batch, extra, wallMs) {
      for (const name of STATISTICS) totals.statistics[name] += batch.statistics[name];
      addTo(totals.spikeCounts, batch.spikeCounts);
      addTo(totals.silentSamples, batch.silentSamples);
      totals.zeroedWeights.set(batch.zeroedWeights);
      totals.limitedWeights.set(batch.limitedWeights);
      totals.extra += extra;
      totals.saturated = batch.saturated;
      totals.wallMs += wallMs;
    },
    addGradient(gradient) {
      projections.forEach(({ offset, sources, targets }, p) => {
        let square = 0;
        for (let i = offset; i < offset + sources * targets; i++) square += gradient[i]! * gradient[i]!;
        totals.gradientSquares[p]! += square;
        if (square === 0) totals.zeroGradients[p]!++;
      });
    },
    addClipped(clipped) {
      if (clipped !== undefined) totals.clippedBatches = (totals.clippedBatches ?? 0) + Number(clipped);
    },
    saved() {
      const {
        add: _add,
        addGradient: _addGradient,
        addClipped: _addClipped,
        saved: _saved,
        ...plain
      } = totals;
      return plain;
    },
  };
  return totals;
}

function addTo(sum: Float64Array, values: Float64Array): void {
  for (let i = 0; i < sum.length; i++) sum[i] = sum[i]! + values[i]!;
}

/** What one look at samples brought, without learning. */
export interface Observed {
  readonly network: Network;
  readonly samples: number;
  readonly cost: ObservationCost;
  readonly loaded: LoadedWeights;
  readonly onChip: boolean;
  /** Spikes of each neuron. */
  readonly spikes: Float64Array;
  /** Samples in which no neuron of a population spiked. */
  readonly silentSamples: ArrayLike<number>;
  readonly inputs: number;
  readonly unanswered?: number;
  readonly tied?: number;
  readonly missingOutputs?: number;
}

/** The row that it would make, for the conditions of warnings.ts; without accuracy and loss. */
export function observedRow(split: string, observed: Observed): MetricsRow {
  const { network, samples, cost, loaded, onChip, spikes, silentSamples, inputs } = observed;
  const { unanswered = 0, tied = 0, missingOutputs = 0 } = observed;
  const totals = newTotals(network);
  Object.assign(totals.statistics, cost, { samples, inputs, unanswered, tied, missingOutputs });
  totals.statistics.spikes = spikes.reduce((sum, count) => sum + count, 0);
  totals.statistics.surrogateBytesObserved = onChip ? 1 : 0;
  totals.spikeCounts.set(spikes);
  totals.silentSamples.set(silentSamples);
  totals.zeroedWeights.set(loaded.zeroed);
  totals.limitedWeights.set(loaded.limited);
  return { ...metricsRow(0, split, totals, network, null), accuracy: null, loss_classification: null };
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
  // Every placed network has rows to observe: without any there is no chip, and it is unknown what one would send.
  const onChip = sum.surrogateBytesObserved > 0;
  const ofChip = (value: number): number | null => (onChip ? value : null);
  const general = learningRate !== null && beyondClosedForm(network) !== undefined;
  const ofGeneral = (value: number): number | null => (general ? value : null);
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
    bytes_observed_surrogate: ofChip(mean(sum.surrogateBytesObserved)),
    bytes_kept_surrogate: learningRate === null ? null : ofChip(mean(sum.surrogateBytesKept)),
    epoch_ms: rounded(totals.wallMs),
    chip_ms: rounded(sum.chipMs),
    host_ms: rounded(sum.hostMs),
    samples: sum.samples,
    unanswered: sum.unanswered,
    tied: sum.tied,
    inputs_per_sample: mean(sum.inputs),
    dropped_inputs: ofChip(sum.droppedInputs),
    moved_inputs: ofChip(sum.movedInputs),
    dropped_spikes: ofChip(sum.droppedSpikes),
    stray_events: ofChip(sum.strayEvents),
    early_spikes: ofChip(sum.earlySpikes),
    late_spikes: ofChip(sum.lateSpikes),
    cut_recordings: ofChip(sum.cutRecordings),
    clipped_batches: totals.clippedBatches === null ? null : totals.clippedBatches / totals.batches,
    late_arrivals: network.projections.some(({ delay }) => delay !== undefined) ? sum.lateArrivals : null,
    model_early: ofGeneral(sum.modelEarly),
    model_late: ofGeneral(sum.modelLate),
    parts: partCells(totals, network, learningRate !== null, onChip),
  };
}

/** Cells of the part columns, see PART_COLUMNS. */
function partCells(
  totals: EpochTotals,
  { populations, projections }: Network,
  learning: boolean,
  onChip: boolean,
): Record<string, number | null> {
  const { samples } = totals.statistics;
  const cells: Record<string, number | null> = {};
  populations.forEach(({ name, model, start, size }, p) => {
    if (!model.spikes) return;
    const counts = totals.spikeCounts.subarray(start, start + size);
    cells[`${name}.spikes_per_sample`] = counts.reduce((sum, count) => sum + count, 0) / samples;
    cells[`${name}.silent_neurons`] = counts.filter((count) => count === 0).length / size;
    cells[`${name}.silent_samples`] = totals.silentSamples[p]! / samples;
  });
  projections.forEach(({ name, sources, targets }, p) => {
    const weights = sources * targets;
    const { batches } = totals;
    cells[`${name}.gradient_norm`] = learning ? Math.sqrt(totals.gradientSquares[p]! / batches) : null;
    cells[`${name}.zero_gradients`] = learning ? totals.zeroGradients[p]! / batches : null;
    cells[`${name}.zeroed_weights`] = onChip ? totals.zeroedWeights[p]! / weights : null;
    cells[`${name}.limited_weights`] = onChip ? totals.limitedWeights[p]! / weights : null;
  });
  return cells;
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
