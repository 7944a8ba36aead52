/**
 * Memory that all participants of a run (the main thread and its workers) see: weights, one gradient row and
 * one statistics row per block of samples, and the job that is being worked on.
 *
 * Sums are made over blocks in ascending order by one participant, so results do not depend on how many
 * participants there are or who took which block.
 */

/** What is summed over the samples of a block. */
export const STATISTICS = [
  "samples",
  "loss",
  "classification",
  "regularization",
  "correct",
  "spikes",
  "cappedJumps",
  "missingOutputs",
  "unanswered",
  "tied",
  "inputs",
  "droppedInputs",
  "movedInputs",
  "droppedSpikes",
  "strayEvents",
  "earlySpikes",
  "lateSpikes",
  "cutRecordings",
  "bytesObserved",
  "bytesKept",
  "surrogateBytesObserved",
  "surrogateBytesKept",
  "chipMs",
  "hostMs",
] as const;

export type Statistic = (typeof STATISTICS)[number];
export type Statistics = Record<Statistic, number>;

/** Words of the control block. */
export const CONTROL = {
  generation: 0,
  nextBlock: 1,
  idleWorkers: 2,
  blocks: 3,
  split: 4,
  withGradient: 5,
  /** First run number of the job; a block that starts with sample s belongs to run `run + floor(s / runSize)`. */
  run: 6,
  runSize: 7,
  /** Number of the weights: participants program their chip when it changed. */
  weightsVersion: 8,
  saturated: 9,
  stop: 10,
  length: 11,
} as const;

export interface Sizes {
  readonly weights: number;
  readonly neurons: number;
  readonly populations: number;
  readonly projections: number;
  /** Largest number of blocks of a job. */
  readonly blocks: number;
  /** Largest number of samples of a job. */
  readonly samples: number;
}

export interface SharedState {
  readonly sizes: Sizes;
  readonly control: Int32Array;
  /** The weights that the current job is run with. */
  readonly weights: Float64Array;
  /** [block · weights + weight] */
  readonly gradients: Float64Array;
  /** [block · STATISTICS.length + statistic] */
  readonly statistics: Float64Array;
  /** Spikes of each neuron, summed over a block: [block · neurons + neuron] */
  readonly spikeCounts: Float64Array;
  /** Samples of a block in which no neuron of a population spiked: [block · populations + population] */
  readonly silentSamples: Float64Array;
  /** Weights of each projection that the substrate rounded to zero, and that it holds at its limit. */
  readonly zeroedWeights: Int32Array;
  readonly limitedWeights: Int32Array;
  /** Samples of the job, as indices into its split. */
  readonly order: Int32Array;
  /** Block b holds samples starts[b] … starts[b + 1] − 1 of the job. */
  readonly starts: Int32Array;
  readonly buffer: SharedArrayBuffer;
}

export function bytesOf(sizes: Sizes): number {
  const { weights, neurons, populations, projections, blocks, samples } = sizes;
  const doubles = weights + blocks * (weights + STATISTICS.length + neurons + populations);
  return 8 * doubles + 4 * (CONTROL.length + 2 * projections + samples + blocks + 1);
}

/** Lays the views over a buffer; every participant calls this with the same sizes. */
export function sharedState(sizes: Sizes, buffer = new SharedArrayBuffer(bytesOf(sizes))): SharedState {
  let at = 0;
  const doubles = (length: number): Float64Array => {
    const view = new Float64Array(buffer, at, length);
    at += 8 * length;
    return view;
  };
  const weights = doubles(sizes.weights);
  const gradients = doubles(sizes.blocks * sizes.weights);
  const statistics = doubles(sizes.blocks * STATISTICS.length);
  const spikeCounts = doubles(sizes.blocks * sizes.neurons);
  const silentSamples = doubles(sizes.blocks * sizes.populations);
  const integers = (length: number): Int32Array => {
    const view = new Int32Array(buffer, at, length);
    at += 4 * length;
    return view;
  };
  const control = integers(CONTROL.length);
  const zeroedWeights = integers(sizes.projections);
  const limitedWeights = integers(sizes.projections);
  const order = integers(sizes.samples);
  const starts = integers(sizes.blocks + 1);
  return {
    sizes,
    control,
    weights,
    gradients,
    statistics,
    spikeCounts,
    silentSamples,
    zeroedWeights,
    limitedWeights,
    order,
    starts,
    buffer,
  };
}

export function noStatistics(): Statistics {
  return Object.fromEntries(STATISTICS.map((name) => [name, 0])) as Statistics;
}

/** Writes the sum of the rows of blocks 0 … blocks−1, in this order. */
export function sumStatistics(state: SharedState, blocks: number, sum: Statistics): void {
  for (let i = 0; i < STATISTICS.length; i++) {
    let total = 0;
    for (let block = 0; block < blocks; block++) {
      total += state.statistics[block * STATISTICS.length + i]!;
    }
    sum[STATISTICS[i] as Statistic] = total;
  }
}

/** Writes the sum of `blocks` rows of length `out.length` into `out`, rows in ascending order. */
export function sumRows(rows: Float64Array, blocks: number, out: Float64Array): void {
  const { length } = out;
  const end = blocks * length;
  for (let i = 0; i < length; i++) {
    let sum = rows[i]!;
    for (let at = i + length; at < end; at += length) sum += rows[at]!;
    out[i] = sum;
  }
}
