/**
 * What training in the loop learns about its chip: a network is trained on each of several instances, and its words
 * then run in the ideal model. The words of the first one also run on the other instances, and are trained on there.
 * A real chip's network lost 11.7 points in the ideal model (docs/realism.md).
 */

import { openReplica, type PreparedRun } from "../engine/run-config.ts";
import { networkOf } from "../experiment/network.ts";
import type { Experiment } from "../experiment/schema.ts";
import { emptyCotangent, emptyLossValue } from "../loss/types.ts";
import { calibrationOf } from "../mapping/calibrations.ts";
import { dequantize, quantize, weightScale, wordOffsets } from "../mapping/quantize.ts";
import { inIdealModel, observeInRuns, onChip, type StudyContext, trainInLoop } from "./on-chip.ts";
import {
  collectFirstSpikes,
  type FirstSpikes,
  type SpikeDifferences,
  spikeDifferences,
} from "./spike-differences.ts";

/** A network trained on one chip; test accuracies of its words. */
export interface TrainedOnChip {
  readonly seed: number;
  readonly onChip: number;
  readonly inIdealModel: number;
  /** First output spikes on the chip against the ideal model; null when the loss reads no spikes. */
  readonly differences: SpikeDifferences | null;
}

/** The words of the first chip's training on another chip. */
export interface ReceivingChip {
  readonly seed: number;
  /** Test accuracy as received, and after some epochs of training here. */
  readonly before: number;
  readonly after: number;
}

export interface Transfer {
  readonly epochs: number;
  readonly trained: readonly TrainedOnChip[];
  readonly adaptEpochs: number;
  readonly receiving: readonly ReceivingChip[];
  /** Test accuracy of the same network trained in the ideal model, there. */
  readonly trainedInIdealModel: number;
}

export interface TransferOptions {
  /** Chips of the trainings; the first one's words go to the others. */
  readonly seeds: readonly number[];
  /** Epochs of training on each receiving chip. */
  readonly adaptEpochs: number;
}

/** @throws UserError("compatibility") when the experiment has no simulated chip */
export async function transferStudy(
  experiment: Experiment,
  { seeds, adaptEpochs }: TransferOptions,
  context: StudyContext,
): Promise<Transfer> {
  const trained: TrainedOnChip[] = [];
  const receiving: ReceivingChip[] = [];
  let sent: { readonly seed: number; readonly weights: Float64Array } | undefined;
  for (const seed of seeds) {
    const { weights, ...result } = await trainAndLeave(experiment, seed, context);
    trained.push(result);
    if (sent === undefined) sent = { seed, weights };
    else receiving.push(await receive(experiment, seed, sent, adaptEpochs, context));
  }
  const software = inIdealModel(experiment);
  const reference = await trainInLoop(software, "ideal", context);
  const { accuracy: trainedInIdealModel } = await evaluateOn(software, reference.weights);
  return { epochs: experiment.training.epochs, trained, adaptEpochs, receiving, trainedInIdealModel };
}

async function trainAndLeave(
  experiment: Experiment,
  seed: number,
  context: StudyContext,
): Promise<TrainedOnChip & { readonly weights: Float64Array }> {
  const prepared = await onChip(experiment, seed, context.report);
  const { weights: master } = await trainInLoop(prepared, `chip-${seed}`, context);
  const weights = wordWeights(prepared, master);
  const own = await evaluateOn(prepared, weights);
  const ideal = await evaluateOn(inIdealModel(experiment), weights);
  const differences = differencesOf(experiment, own, ideal);
  return { seed, onChip: own.accuracy, inIdealModel: ideal.accuracy, differences, weights };
}

async function receive(
  experiment: Experiment,
  seed: number,
  sent: { readonly seed: number; readonly weights: Float64Array },
  epochs: number,
  context: StudyContext,
): Promise<ReceivingChip> {
  const prepared = await onChip(experiment, seed, context.report);
  const { accuracy: before } = await evaluateOn(prepared, sent.weights);
  const training = { ...prepared.experiment.training, epochs };
  const short = { ...prepared, experiment: { ...prepared.experiment, training } };
  const adapted = await trainInLoop(short, `chip-${sent.seed}-to-${seed}`, context, sent.weights);
  const { accuracy: after } = await evaluateOn(prepared, wordWeights(prepared, adapted.weights));
  return { seed, before, after };
}

function differencesOf({ network }: Experiment, own: Evaluation, ideal: Evaluation): SpikeDifferences | null {
  const silent = own.firstSpikes.time.every((time) => !Number.isFinite(time));
  const output = Object.values(network.populations).at(-1);
  if (silent || output === undefined) return null;
  return spikeDifferences(own.firstSpikes, ideal.firstSpikes, output.tauSyn);
}

// Weights as words ------------------------------------------------------------------------------------------

// Weights as a chip holds them: rounded to words and clipped, back in model units.

/** The weights that the words of the run's chip stand for; in software the weights themselves. */
export function wordWeights(
  { experiment, calibrations, inputs }: PreparedRun,
  weights: Float64Array,
): Float64Array {
  const { chip } = experiment;
  const held = weights.slice();
  if (chip.kind === "software") return held;
  const network = networkOf(experiment, inputs);
  const offsets = wordOffsets(network);
  const words = new Int8Array(offsets[network.projections.length]!);
  network.projections.forEach((projection, p) => {
    const scale = weightScale(calibrationOf(calibrations, projection.to));
    quantize(projection, weights, scale, chip.copies, words, offsets[p]!);
    dequantize(projection, words, offsets[p]!, scale, held);
  });
  return held;
}

// One evaluation --------------------------------------------------------------------------------------------

// What given weights reach on the test samples, on a given substrate: software, or one calibrated chip.

export interface Evaluation {
  /** Share of test samples whose predicted class is their label. */
  readonly accuracy: number;
  readonly loss: number;
  /** Of the population that the loss reads; all silent where it has no threshold. */
  readonly firstSpikes: FirstSpikes;
}

/** @param weights layout of the network */
export async function evaluateOn(prepared: PreparedRun, weights: Float64Array): Promise<Evaluation> {
  const { executor, loss, splits, network } = await openReplica(prepared);
  const test = splits.find(({ name }) => name === "test");
  const output = network.populations.find(({ name }) => name === loss.output);
  if (test === undefined || output === undefined) throw new Error("no test samples, or no output");
  const { inputs, labels } = test;
  const collector = collectFirstSpikes(output, inputs.samples);
  const cotangent = emptyCotangent();
  const value = emptyLossValue();
  let correct = 0;
  let total = 0;
  try {
    await executor.load(weights);
    await observeInRuns(executor, inputs, prepared.experiment.training.batch, (sample, observation) => {
      const label = labels[sample]!;
      loss.evaluate(observation, label, cotangent, value);
      collector.add(sample, observation);
      total += value.total;
      if (value.prediction === label) correct++;
    });
  } finally {
    await executor.close();
  }
  const { outputs, time } = collector;
  return {
    accuracy: correct / inputs.samples,
    loss: total / inputs.samples,
    firstSpikes: { outputs, time },
  };
}
