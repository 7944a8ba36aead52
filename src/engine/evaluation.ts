/**
 * What a network with given weights answers, sample by sample, on one substrate: the forward half of training, with
 * everything kept that a person may want to see. Repeats run the same samples with fresh noise.
 *
 * The first repeat draws the noise of the evaluation at the end of the training (evaluation.ts), so on its own chip a
 * run gives the accuracy that result.json has, to the last digit.
 */

import { join } from "node:path";
import { writeAtomic } from "../core/durable-files.ts";
import { noiseRun } from "../core/noise-runs.ts";
import type { Report } from "../core/progress.ts";
import { SPLITS, type Split } from "../data/types.ts";
import { networkOf } from "../experiment/network.ts";
import { emptyCotangent, emptyLossValue } from "../loss/types.ts";
import type { Network } from "../network/network.ts";
import type { InputBatch, Observation, RecordingRequest } from "../network/observation.ts";
import { eventsText } from "./events-file.ts";
import { type LoadedWeights, noCost, type ObservationCost, substrateOf } from "./executor.ts";
import { openRecording, SOFTWARE_SAMPLES } from "./recording-files.ts";
import { type EncodedSplit, openReplica, type PreparedRun } from "./run-config.ts";
import { evaluationPieces } from "./shard.ts";

export interface EvaluationRequest {
  readonly prepared: PreparedRun;
  /** Layout of the network, model units. */
  readonly weights: Float64Array;
  /** The part of the data that is run, or other samples of the same kind. */
  readonly samples: Split | EncodedSplit;
  /** Epochs after which the weights were taken: names the noise of the first repeat. */
  readonly epoch: number;
  readonly repeats: number;
  readonly report: Report;
}

/** Everything that was answered. Entry of a sample in a repeat: repeat · samples + sample. */
export interface Answers {
  readonly network: Network;
  readonly data: EncodedSplit;
  /** Population that the loss reads. */
  readonly output: string;
  readonly samples: number;
  readonly repeats: number;
  /** Neurons of the output population; 0 when the loss predicts no class. */
  readonly outputs: number;
  /** Loss of each entry. */
  readonly loss: Float64Array;
  /** Predicted output of each entry; −1 for none. */
  readonly prediction: Int16Array;
  /** Output neurons of each entry that gave nothing to judge. */
  readonly missing: Uint16Array;
  /** Score of each output: [entry · outputs + output]. */
  readonly scores: Float64Array;
  /** Spikes of each neuron, summed over all entries. */
  readonly spikes: Float64Array;
  /** Entries in which no neuron of a population spiked, for each population. */
  readonly silentEntries: Int32Array;
  readonly cost: ObservationCost;
  /** What the substrate made of the weights, and the steps between those that it can have. */
  readonly loaded: LoadedWeights;
  readonly weightSteps: Float64Array;
}

/** Runs all samples as often as asked. @throws UserError("diverged") when a simulator cannot follow the weights */
export async function evaluate(request: EvaluationRequest): Promise<Answers> {
  const { prepared, weights, epoch, repeats, report } = request;
  const { executor, loss, splits, network } = await openReplica(prepared);
  try {
    const index = typeof request.samples === "string" ? SPLITS.indexOf(request.samples) : SPLITS.length;
    const data = typeof request.samples === "string" ? splits[index]! : request.samples;
    const { inputs, labels } = data;
    const { samples } = inputs;
    const outputs = loss.scores.length;
    const entries = repeats * samples;
    const cost = noCost();
    const loaded = await executor.load(weights);
    const answers: Answers = {
      network,
      data,
      output: loss.output,
      samples,
      repeats,
      outputs,
      loss: new Float64Array(entries),
      prediction: new Int16Array(entries),
      missing: new Uint16Array(entries),
      scores: new Float64Array(entries * outputs),
      spikes: new Float64Array(network.neurons),
      silentEntries: new Int32Array(network.populations.length),
      cost,
      loaded,
      weightSteps: executor.weightSteps,
    };
    const countSpikes = spikeCounter(answers);
    const cotangent = emptyCotangent();
    const value = emptyLossValue();
    const runSize = prepared.experiment.training.batch;
    for (let repeat = 0; repeat < repeats; repeat++) {
      const firstRun = repeat === 0 ? evaluationRun(epoch, index) : repeatRun(repeat);
      for (const { from, to, run } of evaluationPieces(samples, runSize, firstRun)) {
        const visit = (sample: number, observation: Observation): void => {
          const entry = repeat * samples + from + sample;
          loss.evaluate(observation, labels[from + sample]!, cotangent, value);
          answers.loss[entry] = value.total;
          answers.prediction[entry] = value.prediction;
          answers.missing[entry] = value.missingOutputs;
          answers.scores.set(loss.scores, entry * outputs);
          countSpikes(observation);
        };
        await executor.observe(sliceBatch(inputs, from, to), run, visit, cost);
        report({ kind: "step", unit: "sample", done: repeat * samples + to, total: entries });
      }
    }
    return answers;
  } finally {
    await executor.close();
  }
}

export interface RecordRequest {
  readonly prepared: PreparedRun;
  readonly weights: Float64Array;
  readonly data: EncodedSplit;
  /** Index into SPLITS; their number for other data. */
  readonly split: number;
  readonly epoch: number;
  /** Numbers in the split, in any order. */
  readonly samples: readonly number[];
  /** Gets events.csv, spikes.csv and membrane.csv. */
  readonly folder: string;
}

/**
 * Runs samples once more, with the noise of the first repeat, and writes what all neurons did: in software on a grid of
 * `SOFTWARE_SAMPLES` times, on a chip the samples of its converter.
 */
export async function recordSamples(request: RecordRequest): Promise<void> {
  const { prepared, weights, data, split, epoch, folder } = request;
  const { experiment, calibrations } = prepared;
  const samples = [...new Set(request.samples)].sort((a, b) => a - b);
  const network = networkOf(experiment, data.sources);
  const every: RecordingRequest = { kind: "grid", period: network.duration / SOFTWARE_SAMPLES };
  const executor = await substrateOf(experiment, network, calibrations, prepared.placement).open(
    network.populations.map(() => every),
  );
  const recording = openRecording(folder, network);
  try {
    await executor.load(weights);
    const firstRun = evaluationRun(epoch, split);
    const pieces = evaluationPieces(data.labels.length, experiment.training.batch, firstRun);
    for (const sample of samples) {
      const { run } = pieces.find(({ from, to }) => from <= sample && sample < to)!;
      const one = sliceBatch(data.inputs, sample, sample + 1);
      await executor.observe(one, run, (_, observation) => recording.append(sample, observation), noCost());
    }
    recording.finish();
  } catch (error) {
    recording.discard();
    throw error;
  } finally {
    await executor.close();
  }
  writeAtomic(join(folder, "events.csv"), eventsText(data.inputs, samples));
}

/** Samples from … to−1 of a batch as a batch of their own. */
export function sliceBatch({ offset, time, source, id }: InputBatch, from: number, to: number): InputBatch {
  const begin = offset[from]!;
  const end = offset[to]!;
  return {
    samples: to - from,
    offset: offset.slice(from, to + 1).map((at) => at - begin),
    time: time.slice(begin, end),
    source: source.slice(begin, end),
    id: id.slice(from, to),
  };
}

/**
 * Adds the spikes of an observation to those of their neurons in `spikes`, and counts populations that are silent in it
 * in `silentEntries`.
 */
export function spikeCounter({
  network: { populations },
  spikes,
  silentEntries,
}: Pick<Answers, "network" | "spikes" | "silentEntries">): (observation: Observation) => void {
  const populationOf = populations.flatMap(({ size }, p) => new Array<number>(size).fill(p));
  const spiked = new Uint8Array(populations.length);
  return ({ spikes: { count, index } }) => {
    spiked.fill(0);
    for (let k = 0; k < count; k++) {
      const neuron = index[k]!;
      spikes[neuron] = spikes[neuron]! + 1;
      spiked[populationOf[neuron]!] = 1;
    }
    for (let p = 0; p < spiked.length; p++) {
      if (spiked[p] === 0) silentEntries[p] = silentEntries[p]! + 1;
    }
  };
}

// The noise of evaluations ----------------------------------------------------------------------------------

// Which runs (core/noise-runs.ts) evaluations take.

const RUNS_PER_EVALUATION = 2 ** 12;

/** First run of the evaluation of a split (index into SPLITS) after an epoch. */
export function evaluationRun(epoch: number, split: number): number {
  return noiseRun("evaluation", (epoch * SPLITS.length + split) * RUNS_PER_EVALUATION);
}

/** First run of a repeat of an evaluation, counted from 1; repeat 0 is the evaluation itself. */
function repeatRun(repeat: number): number {
  return noiseRun("repeat", repeat * RUNS_PER_EVALUATION);
}
