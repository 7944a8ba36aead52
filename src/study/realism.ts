/**
 * How believable the simulated chip is: the network that was trained on a real chip, with its words, on simulated
 * chips that are calibrated as usual. Each chip is compared with the ideal model by the first spikes of the outputs,
 * and so is the real one, from the answers in the file.
 */

import type { Calibration } from "../calibration/types.ts";
import type { Report } from "../core/progress.ts";
import { chipCalibrations } from "../engine/chip-calibrations.ts";
import { softwareExecutor, substrateOf } from "../engine/executor.ts";
import { networkOf } from "../experiment/network.ts";
import type { Experiment } from "../experiment/schema.ts";
import { weightScale } from "../mapping/quantize.ts";
import type { Network } from "../network/network.ts";
import type { InputBatch } from "../network/observation.ts";
import type { RealChip } from "./real-chip-file.ts";
import {
  type FirstSpikes,
  firstSpikeAccuracy,
  observeFirstSpikes,
  type SpikeDifferences,
  spikeDifferences,
} from "./spike-differences.ts";

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

// The network of the real chip ------------------------------------------------------------------------------

// The network that was trained on the real chip, as experiment: 20-30-3 LIF neurons of which only first spikes count,
// τ_m = τ_s = 6 µs. Its weights are words: 78 of them are one threshold (2.6 in units where a word is 1/30), so a
// chip is calibrated to a synaptic strength of
//
//     (threshold − leak) / (78 · τ_m)   LSB/µs per word
//
// which makes the mapping write exactly these words (mapping/quantize.ts).

/** µs; "about 6 us on the chip". */
export const TAU = 6;
/** Words that make one threshold: 2.6 · 30. */
export const WORDS_PER_THRESHOLD = 78;
/** Inputs end at 2 τ; the last outputs, of the ideal model too, come before 5 τ. */
const DURATION = 6 * TAU;
/** µs, the longest of the standard range: as long as a sample from the first possible spike on. */
const REFRACTORY = 32;
/** Where the search for the bias of the synaptic inputs begins, codes. */
const FIRST_GM = 500;

/** What the study needs of an experiment. */
type SimulatedChip = Extract<Experiment["chip"], { readonly kind: "simulated" }>;
export type RealExperiment = Pick<Experiment, "network" | "chip" | "seed">;

export interface RealChipOptions {
  readonly seed: number;
  /** Factors on the chip's deviations and on its noise. */
  readonly mismatch?: number;
  readonly noise?: number;
  /** Single magnitudes of the chip, as `chip.effects` of an experiment. */
  readonly effects?: SimulatedChip["effects"];
}

/** @param synapseGm bias code of the synaptic inputs that the chip is calibrated to */
export function realExperiment(
  { output }: RealChip,
  { seed, mismatch = 1, noise = 1, effects = {} }: RealChipOptions,
  synapseGm: number,
): RealExperiment {
  const neurons = (size: number) =>
    ({
      model: "lif",
      size,
      tauMem: TAU,
      tauSyn: TAU,
      threshold: 1,
      reset: 0,
      refractory: REFRACTORY,
    }) as const;
  const projection = {
    rows: 1,
    learningRate: 1,
    init: { kind: "constant", value: 0 },
    connect: { kind: "all" },
    sign: "any",
  } as const;
  return {
    seed: 1,
    network: {
      duration: DURATION,
      populations: { hidden: neurons(output.length), output: neurons(output[0]?.length ?? 0) },
      projections: { "input>hidden": projection, "hidden>output": projection },
    },
    chip: {
      kind: "simulated",
      seed,
      mismatch,
      noise,
      effects,
      step: 0.25,
      // The words were trained on the chip whose residual scatter they make up for; no other chip can have that one.
      target: { leak: 80, threshold: 150, synapseGm, synapseDacBias: 1000, residual: 1 },
      constants: "nominal",
      copies: "equal",
      cadc: "sram",
    },
  };
}

/** The network with its nominal constants. */
export function realNetwork(real: RealChip, experiment: RealExperiment): Network {
  return networkOf(experiment, real.hidden.length);
}

/** The words as weights, where `wordsPerUnit` words are one model unit. */
export function realWeights({ hidden, output }: RealChip, wordsPerUnit: number): Float64Array {
  return Float64Array.from([...hidden.flat(), ...output.flat()], (word) => word / wordsPerUnit);
}

/** Inputs of all samples, each in ascending time, in µs. */
export function realInputs({ inputTimes }: RealChip): InputBatch {
  const inputs = inputTimes[0]?.length ?? 0;
  const events = inputTimes.flatMap((times) =>
    times.map((time, source) => ({ time: time * TAU, source })).sort((a, b) => a.time - b.time),
  );
  return {
    samples: inputTimes.length,
    offset: Int32Array.from({ length: inputTimes.length + 1 }, (_, sample) => sample * inputs),
    time: Float64Array.from(events, ({ time }) => time),
    source: Int32Array.from(events, ({ source }) => source),
    id: Int32Array.from(inputTimes, (_, sample) => sample),
  };
}

export interface CalibratedReal {
  readonly experiment: RealExperiment;
  readonly calibrations: ReadonlyMap<string, Calibration>;
  /** Words of one model unit as measured on this chip; wanted are 78. */
  readonly wordsPerThreshold: number;
}

/**
 * Calibrates a chip for this network as a person would who has its words: with a first bias of the synaptic inputs,
 * then with the one at which the measured strength makes 78 words a threshold. Calibrations are stored as usual.
 */
export async function calibrateReal(
  real: RealChip,
  options: RealChipOptions,
  report: Report,
): Promise<CalibratedReal> {
  let gm = FIRST_GM;
  let experiment = realExperiment(real, options, gm);
  let calibrations = await chipCalibrations(experiment, report);
  gm = Math.round((gm * scaleOf(calibrations)) / WORDS_PER_THRESHOLD);
  experiment = realExperiment(real, options, gm);
  calibrations = await chipCalibrations(experiment, report);
  return { experiment, calibrations, wordsPerThreshold: scaleOf(calibrations) };
}

function scaleOf(calibrations: ReadonlyMap<string, Calibration>): number {
  const [first] = calibrations.values();
  if (first === undefined) throw new Error("a network on a chip has a calibration");
  return weightScale(first);
}
