/**
 * What training in the loop learns about its chip: a network is trained on each of several instances, and its words
 * then run in the ideal model. The words of the first one also run on the other instances, and are trained on there.
 * A real chip's network lost 11.7 points in the ideal model (docs/realism.md).
 */

import type { Experiment } from "../../experiment/schema.ts";
import type { StudyContext } from "../context.ts";
import { type Evaluation, evaluateOn } from "../evaluate.ts";
import { inIdealModel, onChip } from "../on-chip.ts";
import { type SpikeDifferences, spikeDifferences } from "../spike-differences.ts";
import { trainInLoop } from "../train-in-loop.ts";
import { wordWeights } from "./word-weights.ts";

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
