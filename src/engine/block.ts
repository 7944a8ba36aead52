/**
 * One block of samples: observe, judge, differentiate, and leave the sums in the block's rows of the shared
 * state. Allocation-free per sample.
 */

import type { GradientCounts } from "../gradient/types.ts";
import { emptyCotangent, emptyLossValue } from "../loss/types.ts";
import type { InputBatch, Observation } from "../network/observation.ts";
import { noCost } from "./forward.ts";
import type { EncodedSplit, Instance } from "./plan.ts";
import { CONTROL, type SharedState, STATISTICS, type Statistic } from "./shared-state.ts";
import type { RunBlock } from "./team.ts";

const AT = Object.fromEntries(STATISTICS.map((name, i) => [name, i])) as Record<Statistic, number>;

/** What is carried over from the cost of a block as it is. */
const LOST = [
  "droppedInputs",
  "movedInputs",
  "droppedSpikes",
  "strayEvents",
  "earlySpikes",
  "lateSpikes",
  "cutRecordings",
] as const;

export function createBlockRunner(instance: Instance, state: SharedState): RunBlock {
  const { control, sizes } = state;
  const { forward, loss, estimator, splits, surrogate } = instance;
  const cotangent = emptyCotangent();
  const value = emptyLossValue();
  const counts: GradientCounts = { cappedJumps: 0, spikes: 0 };
  let cost = noCost();
  const inputs = emptyBatch();
  let loaded = -1;
  /** What the gradient is taken at: the weights that the samples were run with. */
  let present: Float64Array = state.weights;

  // What `visit` works on; set for each block, so that nothing is made per sample.
  let split = splits[0] as EncodedSplit;
  let from = 0;
  let withGradient = false;
  let statistics = state.statistics;
  let gradient = state.gradients;
  let spikeCounts = state.spikeCounts;
  let silentSamples = state.silentSamples;
  const { populations } = instance.network;
  const populationOf = Uint16Array.from(
    populations.flatMap(({ size }, p) => new Array<number>(size).fill(p)),
  );
  const spiked = new Uint8Array(populations.length);
  const outputs = loss.scores.length;

  const visit = (sample: number, observation: Observation): void => {
    const label = split.labels[state.order[from + sample]!]!;
    loss.evaluate(observation, label, cotangent, value);
    const { index, count } = observation.spikes;
    const spikesOf = spikeCounts;
    const silentOf = silentSamples;
    statistics[AT.loss]! += value.total;
    statistics[AT.classification]! += value.classification;
    statistics[AT.regularization]! += value.regularization;
    if (value.prediction === label) statistics[AT.correct]!++;
    statistics[AT.missingOutputs]! += value.missingOutputs;
    statistics[AT.spikes]! += count;
    if (outputs > 0 && value.prediction === -1)
      statistics[value.missingOutputs === outputs ? AT.unanswered : AT.tied]!++;
    statistics[AT.inputs]! += observation.inputs.count;
    spiked.fill(0);
    for (let k = 0; k < count; k++) {
      const neuron = index[k]!;
      spikesOf[neuron]!++;
      spiked[populationOf[neuron]!] = 1;
    }
    for (let p = 0; p < spiked.length; p++) if (spiked[p] === 0) silentOf[p]!++;
    if (withGradient) estimator.accumulate(observation, present, cotangent, gradient, counts);
    statistics[AT.bytesKept]! += estimator.bytesKept(observation);
  };

  return async (block) => {
    const start = performance.now();
    split = splits[control[CONTROL.split]!] as EncodedSplit;
    from = state.starts[block]!;
    const to = state.starts[block + 1]!;
    withGradient = control[CONTROL.withGradient] === 1;
    const run = control[CONTROL.run]! + Math.floor(from / control[CONTROL.runSize]!);
    const version = control[CONTROL.weightsVersion]!;
    if (loaded !== version) {
      const outcome = await forward.load(state.weights);
      control[CONTROL.saturated] = outcome.saturated;
      state.zeroedWeights.set(outcome.zeroed);
      state.limitedWeights.set(outcome.limited);
      present = outcome.present;
      loaded = version;
    }
    statistics = state.statistics.subarray(block * STATISTICS.length, (block + 1) * STATISTICS.length);
    gradient = state.gradients.subarray(block * sizes.weights, (block + 1) * sizes.weights);
    spikeCounts = state.spikeCounts.subarray(block * sizes.neurons, (block + 1) * sizes.neurons);
    const { populations: count } = sizes;
    silentSamples = state.silentSamples.subarray(block * count, (block + 1) * count);
    statistics.fill(0);
    silentSamples.fill(0);
    gradient.fill(0);
    spikeCounts.fill(0);
    counts.cappedJumps = 0;
    cost = noCost();
    gather(split.inputs, state.order, from, to, inputs);
    await forward.observe(inputs, run, visit, cost);
    const samples = to - from;
    statistics[AT.samples] = samples;
    statistics[AT.cappedJumps] = counts.cappedJumps;
    statistics[AT.bytesObserved] = cost.bytes;
    for (const name of LOST) statistics[AT[name]] = cost[name];
    statistics[AT.surrogateBytesObserved] = samples * (surrogate?.observed ?? 0);
    statistics[AT.surrogateBytesKept] = samples * (surrogate?.kept ?? 0);
    statistics[AT.chipMs] = cost.chipMs;
    statistics[AT.hostMs] = performance.now() - start - cost.chipMs;
  };
}

function emptyBatch(): Mutable<InputBatch> {
  return {
    samples: 0,
    offset: new Int32Array(1),
    time: new Float64Array(0),
    source: new Int32Array(0),
    id: new Int32Array(0),
  };
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/** Copies samples order[from … to−1] of `all` into `out`, growing its buffers when they are short. */
function gather(
  all: InputBatch,
  order: Int32Array,
  from: number,
  to: number,
  out: Mutable<InputBatch>,
): void {
  const samples = to - from;
  let events = 0;
  for (let i = from; i < to; i++) {
    const sample = order[i]!;
    events += all.offset[sample + 1]! - all.offset[sample]!;
  }
  if (out.offset.length < samples + 1) {
    out.offset = new Int32Array(samples + 1);
    out.id = new Int32Array(samples);
  }
  if (out.time.length < events) {
    out.time = new Float64Array(events);
    out.source = new Int32Array(events);
  }
  out.samples = samples;
  let at = 0;
  for (let i = 0; i < samples; i++) {
    const sample = order[from + i]!;
    out.offset[i] = at;
    out.id[i] = all.id[sample]!;
    for (let event = all.offset[sample]!; event < all.offset[sample + 1]!; event++) {
      out.time[at] = all.time[event]!;
      out.source[at] = all.source[event]!;
      at++;
    }
  }
  out.offset[samples] = at;
}
