/**
 * How believable the simulated chip is: the network that was trained on a real chip, with its words, on simulated
 * chips that are calibrated as usual. Each chip is compared with the ideal model by the first spikes of the outputs,
 * and so is the real one, from the answers in the file.
 */

import type { Report } from "../../core/progress.ts";
import { softwareExecutor, substrateOf } from "../../engine/executor.ts";
import { type FirstSpikes, firstSpikeAccuracy, observeFirstSpikes } from "../first-spikes.ts";
import { type SpikeDifferences, spikeDifferences } from "../spike-differences.ts";
import type { RealChip } from "./real-chip-file.ts";
import {
  calibrateReal,
  type RealChipOptions,
  realExperiment,
  realInputs,
  realNetwork,
  realWeights,
  TAU,
  WORDS_PER_THRESHOLD,
} from "./real-network.ts";

/** Samples of a run in the published evaluation (fastAndDeep: yin_yang_hxpynn_W/config.yaml, batch_size_eval). */
const RUN_SIZE = 200;

export interface ComparedChip {
  /** Identity of the simulated chip; "real" for the one of the file. */
  readonly chip: string;
  /** Against the ideal model, in units of τ. */
  readonly differences: SpikeDifferences;
  readonly accuracy: number;
  /** Measured on the simulated chip, see CalibratedReal; null for the real one. */
  readonly wordsPerThreshold: number | null;
}

export interface Realism {
  readonly samples: number;
  /** Of the same words in the ideal model. */
  readonly idealAccuracy: number;
  readonly real: ComparedChip;
  readonly chips: readonly ComparedChip[];
}

/** Compares the real chip and each of the simulated ones with the ideal model. */
export async function realismStudy(
  real: RealChip,
  chips: readonly RealChipOptions[],
  report: Report,
): Promise<Realism> {
  const { labels } = real;
  const ideal = await idealFirstSpikes(real);
  const answered: FirstSpikes = {
    outputs: ideal.outputs,
    time: Float64Array.from(real.firstSpikes.flat(), (time) => time * TAU),
  };
  const compared: ComparedChip[] = [];
  for (const options of chips) compared.push(await compareChip(real, options, ideal, report));
  return {
    samples: labels.length,
    idealAccuracy: firstSpikeAccuracy(ideal, labels),
    real: {
      chip: "real",
      differences: spikeDifferences(answered, ideal, TAU),
      accuracy: firstSpikeAccuracy(answered, labels),
      wordsPerThreshold: null,
    },
    chips: compared,
  };
}

/** First spikes of the outputs in the exact model with the words as weights. */
export async function idealFirstSpikes(real: RealChip): Promise<FirstSpikes> {
  const network = realNetwork(real, realExperiment(real, { seed: 0 }, 0));
  const executor = softwareExecutor(
    network,
    network.populations.map(() => ({ kind: "none" })),
  );
  await executor.load(realWeights(real, WORDS_PER_THRESHOLD));
  return observeFirstSpikes(executor, realInputs(real), RUN_SIZE);
}

async function compareChip(
  real: RealChip,
  options: RealChipOptions,
  ideal: FirstSpikes,
  report: Report,
): Promise<ComparedChip> {
  const { experiment, calibrations, wordsPerThreshold } = await calibrateReal(real, options, report);
  const network = realNetwork(real, experiment);
  const executor = await substrateOf(experiment, network, calibrations).open(
    network.populations.map(() => ({ kind: "none" })),
  );
  try {
    await executor.load(realWeights(real, wordsPerThreshold));
    const spikes = await observeFirstSpikes(executor, realInputs(real), RUN_SIZE);
    const [calibration] = calibrations.values();
    return {
      chip: calibration?.chip ?? "",
      differences: spikeDifferences(spikes, ideal, TAU),
      accuracy: firstSpikeAccuracy(spikes, real.labels),
      wordsPerThreshold,
    };
  } finally {
    await executor.close();
  }
}
