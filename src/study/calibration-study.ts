/** What calibration is worth: an experiment trained in the loop on the same chip with and without it. */

import { median } from "../calibration/spread.ts";
import type { Calibration, MeasuredNeurons } from "../calibration/types.ts";
import { NEURONS } from "../chip/limits.ts";
import type { MetricsRow } from "../engine/metrics.ts";
import { prepareRun } from "../engine/run-config.ts";
import type { Experiment } from "../experiment/schema.ts";
import { onChip, type StudyContext, trainInLoop } from "./on-chip.ts";

export interface TrainingSummary {
  /** Mean training loss of the first epoch. */
  readonly firstLoss: number;
  /** Training accuracy of the first epoch. */
  readonly firstAccuracy: number;
  /** On the test samples after the last epoch. */
  readonly finalLoss: number;
  readonly finalAccuracy: number;
}

export interface ComparedTraining {
  readonly seed: number;
  readonly calibrated: TrainingSummary;
  readonly uncalibrated: TrainingSummary;
}

/**
 * Trains twice on the chip of each seed.
 * @throws UserError("compatibility") when the experiment has no simulated chip
 */
export async function calibrationStudy(
  experiment: Experiment,
  seeds: readonly number[],
  context: StudyContext,
): Promise<ComparedTraining[]> {
  const compared: ComparedTraining[] = [];
  for (const seed of seeds) {
    const prepared = await onChip(experiment, seed, context.report);
    const without = prepareRun({
      experiment: prepared.experiment,
      calibrations: new Map(
        [...prepared.calibrations].map(([name, calibration]) => [name, withoutCalibration(calibration)]),
      ),
    });
    const calibrated = await trainInLoop(prepared, `chip-${seed}-calibrated`, context);
    const uncalibrated = await trainInLoop(without, `chip-${seed}-uncalibrated`, context);
    compared.push({
      seed,
      calibrated: summary(calibrated.metrics),
      uncalibrated: summary(uncalibrated.metrics),
    });
  }
  return compared;
}

/** @param metrics rows of a complete run of at least one epoch */
export function summary(metrics: readonly MetricsRow[]): TrainingSummary {
  const first = metrics.find(({ split, epoch }) => split === "train" && epoch === 1);
  const last = metrics.findLast(({ split }) => split === "test");
  if (first === undefined || last === undefined) throw new Error("the run has no first epoch, or no test");
  return {
    firstLoss: first.loss as number,
    firstAccuracy: first.accuracy as number,
    finalLoss: last.loss as number,
    finalAccuracy: last.accuracy as number,
  };
}

// A calibration without the search --------------------------------------------------------------------------

// A chip as it would be used without calibration, in the form of one: every neuron has the same words, and everything
// is taken to be as the target says. The common words are the medians of a true calibration, so that what is lost is
// the equality of the neurons alone, not the knowledge of a good code (the state "before" in quality tables and in
// electronicvisions/calix:tests/hw/py/test_neuron_distribution.py).

/** Converter channels without correction; quadrants and neurons at their medians; no neuron is excluded. */
export function withoutCalibration(calibration: Calibration): Calibration {
  const { words, target, strength } = calibration;
  const measured = Object.fromEntries(
    Object.keys(calibration.measured).map((name) => {
      const sign = name === "strengthExc" || name === "strengthInh";
      const value = sign ? strength : target[name as Exclude<keyof MeasuredNeurons, `strength${string}`>];
      return [name, new Float64Array(NEURONS).fill(value)];
    }),
  ) as unknown as MeasuredNeurons;
  return {
    ...calibration,
    words: {
      neurons: levelled(words.neurons),
      quadrants: levelled(words.quadrants),
      cadcOffset: new Int8Array(words.cadcOffset.length),
      refractoryClocks: words.refractoryClocks,
    },
    measured,
    success: new Uint8Array(NEURONS).fill(1),
    spikeLatency: 0,
    cadcLag: 0,
    quality: [],
  };
}

type WordArray = Uint8Array | Uint16Array | Int8Array;

/** Every word at its median over the chip. */
function levelled<Words extends object>(words: Words): Words {
  return Object.fromEntries(
    Object.entries(words).map(([name, array]) => [name, level(array as WordArray)]),
  ) as Words;
}

function level<Words extends WordArray>(words: Words): Words {
  return words.slice().fill(Math.round(median(words))) as Words;
}
