/**
 * What training in the loop learns about its chip: a network is trained on one instance, and its words then run on
 * the ideal model and on other instances, where it is also trained on. A real chip's network lost 11.7 points on the
 * ideal model (docs/realism.md).
 */

import type { Experiment } from "../../spec/schema.ts";
import type { StudyContext } from "../context.ts";
import { type Evaluation, evaluateOn } from "../evaluate.ts";
import { inIdealModel, onChip } from "../on-chip.ts";
import { type SpikeDifferences, spikeDifferences } from "../spike-differences.ts";
import { trainInLoop } from "../train-in-loop.ts";
import { wordWeights } from "./word-weights.ts";

export interface OtherChip {
  readonly seed: number;
  /** Test accuracy with the words of the first chip's training, and after some epochs of training here. */
  readonly before: number;
  readonly after: number;
}

export interface Transfer {
  readonly seed: number;
  readonly epochs: number;
  /** Test accuracy on the chip of the training. */
  readonly onChip: number;
  /** Of the same words in the ideal model. */
  readonly inIdealModel: number;
  /** First output spikes on that chip against the ideal model; null when the loss reads no spikes. */
  readonly differences: SpikeDifferences | null;
  /** Test accuracy of the same network trained in the ideal model, there. */
  readonly trainedInIdealModel: number;
  readonly adaptEpochs: number;
  readonly others: readonly OtherChip[];
}

export interface TransferOptions {
  /** Chip of the training. */
  readonly seed: number;
  readonly otherSeeds: readonly number[];
  /** Epochs of training on each of the others. */
  readonly adaptEpochs: number;
}

/** @throws UserError("compatibility") when the experiment has no simulated chip */
export async function transferStudy(
  experiment: Experiment,
  { seed, otherSeeds, adaptEpochs }: TransferOptions,
  context: StudyContext,
): Promise<Transfer> {
  const plan = await onChip(experiment, seed, context.report);
  const trained = await trainInLoop(plan, `chip-${seed}`, context);
  const weights = wordWeights(plan, trained.weights);
  const own = await evaluateOn(plan, weights);
  const ideal = await evaluateOn(inIdealModel(experiment), weights);
  const others: OtherChip[] = [];
  for (const otherSeed of otherSeeds) {
    const other = await onChip(experiment, otherSeed, context.report);
    const { accuracy: before } = await evaluateOn(other, weights);
    const { training } = experiment;
    const short = {
      ...other,
      experiment: { ...other.experiment, training: { ...training, epochs: adaptEpochs } },
    };
    const adapted = await trainInLoop(short, `chip-${seed}-to-${otherSeed}`, context, weights);
    const { accuracy: after } = await evaluateOn(other, wordWeights(other, adapted.weights));
    others.push({ seed: otherSeed, before, after });
  }
  const software = inIdealModel(experiment);
  const reference = await trainInLoop(software, "ideal", context);
  return {
    seed,
    epochs: experiment.training.epochs,
    onChip: own.accuracy,
    inIdealModel: ideal.accuracy,
    differences: differencesOf(experiment, own, ideal),
    trainedInIdealModel: (await evaluateOn(software, reference.weights)).accuracy,
    adaptEpochs,
    others,
  };
}

function differencesOf({ network }: Experiment, own: Evaluation, ideal: Evaluation): SpikeDifferences | null {
  const silent = own.firstSpikes.time.every((time) => !Number.isFinite(time));
  const output = Object.values(network.populations).at(-1);
  if (silent || output === undefined) return null;
  return spikeDifferences(own.firstSpikes, ideal.firstSpikes, output.tauSyn);
}
