/**
 * What the answers of an evaluation amount to: accuracies with their standard errors, votes over repeats, confusion of
 * classes, spikes of populations. Pure statistics; what they are called on disk is in evaluation-folder.ts.
 */

import type { Answers } from "./evaluation.ts";

/** How often one way of answering is right; null where there is nothing to count. */
export interface Accuracy {
  /** Share of samples whose prediction is their label; a sample without a prediction counts as wrong. */
  readonly accuracy: number | null;
  /** Standard error of the accuracy over samples: of other samples, not of other noise or other chips. */
  readonly standardError: number | null;
}

export interface PopulationActivity {
  readonly neurons: number;
  readonly spikesPerSample: number;
  /** Neurons that spiked in no sample, and the share of samples in which no neuron spiked. */
  readonly silentNeurons: number;
  readonly silentSamples: number;
}

/** Predictions of one kind: one per sample, −1 for none. */
export interface Vote extends Accuracy {
  readonly prediction: Int16Array;
}

export interface EvaluationSummary extends Accuracy {
  readonly loss: number;
  /** Entries without a prediction: because no output answered, and because several share the best score. */
  readonly unanswered: number;
  readonly tied: number;
  /** Each repeat by itself. */
  readonly runs: readonly { readonly accuracy: number | null; readonly loss: number }[];
  /** The class that most repeats predict; absent for a single run. */
  readonly vote?: Vote;
  /** The output with the largest mean score over repeats; absent for a single run. */
  readonly meanOfScores?: Vote & { readonly scores: Float64Array };
  /** [label][output], over all repeats; the last column counts entries without a prediction. */
  readonly confusion: readonly (readonly number[])[];
  readonly populations: Readonly<Record<string, PopulationActivity>>;
}

/** Throws Error when there are no samples: the mean of nothing is not a number. */
export function summarize(answers: Answers): EvaluationSummary {
  const { samples, repeats, outputs, loss, prediction, missing, data } = answers;
  if (samples === 0) throw new Error("an evaluation without samples has no result");
  const { labels, classNames } = data;
  const entries = samples * repeats;
  const confusion = classNames.map(() => new Array<number>(outputs + 1).fill(0));
  let unanswered = 0;
  let tied = 0;
  const correct = new Float64Array(samples);
  const runs = Array.from({ length: repeats }, () => ({ correct: 0, loss: 0 }));
  for (let entry = 0; entry < entries; entry++) {
    const run = runs[Math.floor(entry / samples)]!;
    run.loss += loss[entry]!;
    if (outputs === 0) continue;
    const sample = entry % samples;
    const label = labels[sample]!;
    const predicted = prediction[entry]!;
    confusion[label]![predicted === -1 ? outputs : predicted]!++;
    if (predicted === label) {
      correct[sample]! += 1 / repeats;
      run.correct++;
    } else if (predicted === -1) {
      if (missing[entry] === outputs) unanswered++;
      else tied++;
    }
  }
  const share = (count: number): number | null => (outputs === 0 ? null : count / samples);
  return {
    ...(outputs === 0 ? NO_ACCURACY : accuracyOf(correct)),
    loss: runs.reduce((sum, run) => sum + run.loss, 0) / entries,
    unanswered,
    tied,
    runs: runs.map((run) => ({ accuracy: share(run.correct), loss: run.loss / samples })),
    ...(repeats > 1 && outputs > 0 ? { vote: majority(answers), meanOfScores: byMeanScore(answers) } : {}),
    confusion,
    populations: activity(answers),
  };
}

const NO_ACCURACY: Accuracy = { accuracy: null, standardError: null };

/** Mean and its standard error, s / √n with s from n − 1; no error of a single sample. */
function accuracyOf(correct: ArrayLike<number>): { accuracy: number; standardError: number | null } {
  const { length } = correct;
  let sum = 0;
  for (let i = 0; i < length; i++) sum += correct[i]!;
  const accuracy = sum / length;
  let squares = 0;
  for (let i = 0; i < length; i++) squares += (correct[i]! - accuracy) ** 2;
  return {
    accuracy,
    standardError: length < 2 ? null : Math.sqrt(squares / (length - 1) / length),
  };
}

function judged({ data, samples }: Answers, prediction: Int16Array): Vote {
  const right = Array.from({ length: samples }, (_, i) => (prediction[i] === data.labels[i] ? 1 : 0));
  return { ...accuracyOf(right), prediction };
}

function majority(answers: Answers): Vote {
  const { samples, repeats, outputs, prediction } = answers;
  const votes = new Float64Array(outputs);
  const winners = Int16Array.from({ length: samples }, (_, sample) => {
    votes.fill(0);
    for (let repeat = 0; repeat < repeats; repeat++) {
      const predicted = prediction[repeat * samples + sample]!;
      if (predicted !== -1) votes[predicted]!++;
    }
    return best(votes, 0);
  });
  return judged(answers, winners);
}

function byMeanScore(answers: Answers): Vote & { readonly scores: Float64Array } {
  const { samples, repeats, outputs, scores } = answers;
  const mean = new Float64Array(samples * outputs);
  for (let at = 0; at < scores.length; at++) mean[at % mean.length]! += scores[at]! / repeats;
  const winners = Int16Array.from({ length: samples }, (_, sample) =>
    best(mean.subarray(sample * outputs, (sample + 1) * outputs), Number.NEGATIVE_INFINITY),
  );
  return { ...judged(answers, winners), scores: mean };
}

/** Index of the only largest value above `floor`, −1 when there is none. */
function best(values: Float64Array, floor: number): number {
  const top = values.reduce((a, b) => Math.max(a, b), floor);
  const first = values.indexOf(top);
  return top > floor && values.lastIndexOf(top) === first ? first : -1;
}

function activity({ network, spikes, silentEntries, samples, repeats }: Answers) {
  const entries = samples * repeats;
  return Object.fromEntries(
    network.populations
      .map((population, p) => ({ ...population, silent: silentEntries[p]! }))
      .filter(({ model }) => model.spikes)
      .map(({ name, start, size, silent }): [string, PopulationActivity] => {
        const own = spikes.subarray(start, start + size);
        return [
          name,
          {
            neurons: size,
            spikesPerSample: own.reduce((sum, count) => sum + count, 0) / entries,
            silentNeurons: own.filter((count) => count === 0).length,
            silentSamples: silent / entries,
          },
        ];
      }),
  );
}
