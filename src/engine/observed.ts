/**
 * observed.json: what the trained network does, in few numbers, so that a report needs neither chip nor data. `train`
 * writes it at its end, from the samples that were evaluated last; its size is bounded whatever the network is.
 *
 * One module: what is gathered is a list of views of the same samples, each a few lines.
 */

import { existsSync } from "node:fs";
import { join } from "node:path";
import { readSealed, writeSealed } from "../core/sealed-json.ts";
import { SPLITS, type Split } from "../data/types.ts";
import { networkOf } from "../experiment/network.ts";
import { adjointTraces, hasAdjointTraces } from "../gradient/adjoint-traces.ts";
import { emptyCotangent, emptyLossValue } from "../loss/types.ts";
import type { Network, Population } from "../network/network.ts";
import type { Observation, RecordingRequest } from "../network/observation.ts";
import { evaluationRun, sliceBatch } from "./evaluation.ts";
import { type Executor, noCost, softwareExecutor, substrateOf } from "./executor.ts";
import { type EncodedSplit, openReplica, type PreparedRun, type Replica } from "./run-config.ts";
import { RUN_FILES } from "./run-folder.ts";
import { evaluationPieces } from "./shard.ts";

/** Samples that are looked at, of those the ones that are compared with the ideal model, and those that are drawn. */
const MOST_SAMPLES = 2000;
const MOST_COMPARED = 500;
const MOST_CLASSES = 10;
/** Spikes of one drawn sample that are kept; the first ones in time. */
const MOST_SPIKES = 4000;
/** Neurons of a population whose membranes are kept, points of a membrane in software, and of its adjoint. */
const MOST_MEMBRANES = 2;
const MEMBRANE_POINTS = 240;
const ADJOINT_POINTS = 160;
const BINS = 40;
const MOST_BINS_OF_RATE = 40;

/** A population with what its neurons do, over the samples that were looked at. */
export interface ObservedPopulation {
  readonly name: string;
  readonly neurons: number;
  /** Spikes in equal bins from 0 to the duration of a sample; those of inputs too. */
  readonly spikeTimes: readonly number[];
  /** Neurons by their spikes per sample: equal bins from 0 to `largestRate`. */
  readonly rates: readonly number[];
  readonly largestRate: number;
}

export interface ObservedSample {
  readonly number: number;
  readonly label: number;
  readonly prediction: number;
  /** [population (−1 for inputs), neuron, µs] of each spike, by time; cut where there are very many. */
  readonly spikes: readonly (readonly [number, number, number])[];
  readonly allSpikes: number;
}

export interface ObservedMembrane {
  readonly population: string;
  readonly neuron: number;
  readonly spikes: readonly number[];
  /** [µs, V]: samples of the chip's converter, or a fine grid in software. Model units. */
  readonly voltages: readonly (readonly [number, number])[];
  /** null for a neuron that cannot spike. */
  readonly threshold: number | null;
  /** [µs, λ_V, λ_I] of the run's loss; absent where the adjoint has no such form. */
  readonly adjoint?: readonly (readonly [number, number, number])[];
}

/** What the chip makes of the weights against the model with nominal constants: spikes of each population. */
export interface IdealDifference {
  readonly population: string;
  readonly both: number;
  /** On the chip only, and in the model only: differences of counts per neuron and sample. */
  readonly gained: number;
  readonly lost: number;
}

export interface Observed {
  readonly split: Split;
  readonly duration: number;
  /** How the membranes were sampled. */
  readonly membranesFrom: "chip" | "software";
  readonly classes: readonly string[];
  /** Samples that were looked at: the first ones of the split. */
  readonly samples: number;
  readonly labels: readonly number[];
  /** −1 for none. */
  readonly predictions: readonly number[];
  /** Of the earliest spike of the output in each sample, µs, null for none; absent where the output cannot spike. */
  readonly firstSpikes?: readonly (number | null)[];
  readonly populations: readonly ObservedPopulation[];
  /** One of each class. */
  readonly drawn: readonly ObservedSample[];
  /** Of the first drawn sample. */
  readonly membranes: readonly ObservedMembrane[];
  /** On a chip. */
  readonly ideal?: { readonly samples: number; readonly populations: readonly IdealDifference[] };
}

/** Undefined where the run has none: it did not finish, or is of an earlier version. @throws UserError when it was changed */
export function readObserved(folder: string): Observed | undefined {
  const path = join(folder, RUN_FILES.observed);
  return existsSync(path) ? (readSealed(path) as unknown as Observed) : undefined;
}

/** @param epoch epochs after which the weights were taken: names the noise, that of the last evaluation */
export async function writeObserved(
  folder: string,
  prepared: PreparedRun,
  weights: Float64Array,
  epoch: number,
): Promise<void> {
  const observed = await observe(prepared, weights, epoch);
  if (observed !== undefined) writeSealed(join(folder, RUN_FILES.observed), { ...observed });
}

/** Undefined without samples. */
async function observe(
  prepared: PreparedRun,
  weights: Float64Array,
  epoch: number,
): Promise<Observed | undefined> {
  const { experiment } = prepared;
  const replica = await openReplica(prepared);
  const { network, executor, loss, splits } = replica;
  try {
    const wanted: Split[] = experiment.training.evaluateTest
      ? ["test", "validation", "train"]
      : ["validation", "train"];
    const split = wanted.find((name) => splits[SPLITS.indexOf(name)]!.labels.length > 0);
    if (split === undefined) return undefined;
    const data = splits[SPLITS.indexOf(split)]!;
    const samples = Math.min(MOST_SAMPLES, data.labels.length);
    const { effective } = await executor.load(weights);
    const runWeights = effective.slice();

    const views = createViews(network, data, samples);
    const cotangent = emptyCotangent();
    const value = emptyLossValue();
    const predictions = new Int16Array(samples);
    const firstSpikes: (number | null)[] = [];
    const output = network.populations.find(({ name }) => name === loss.output) as Population;
    const pieces = evaluationPieces(
      data.labels.length,
      experiment.training.batch,
      evaluationRun(epoch, SPLITS.indexOf(split)),
    );
    const visitAll = async (
      count: number,
      from: Executor,
      visit: (sample: number, seen: Observation) => void,
    ) => {
      for (const piece of pieces) {
        const to = Math.min(piece.to, count);
        if (piece.from >= to) continue;
        const inputs = sliceBatch(data.inputs, piece.from, to);
        await from.observe(inputs, piece.run, (sample, seen) => visit(piece.from + sample, seen), noCost());
      }
    };
    const compared = Math.min(MOST_COMPARED, samples);
    const counts = new Uint16Array(compared * network.neurons);
    await visitAll(samples, executor, (sample, seen) => {
      loss.evaluate(seen, data.labels[sample]!, cotangent, value);
      predictions[sample] = value.prediction;
      firstSpikes.push(firstSpikeOf(output, seen));
      views.add(seen);
      if (sample < compared) countSpikes(seen, counts, sample * network.neurons);
    });

    const chosen = oneOfEachClass(data, samples);
    const drawn: ObservedSample[] = [];
    for (const number of chosen)
      await observeOne(executor, data, pieces, number, (seen) =>
        drawn.push(drawnSample(network, seen, number, data.labels[number]!, predictions[number]!)),
      );
    const [first] = chosen;
    const onChip = experiment.chip.kind !== "software";
    return {
      split,
      duration: network.duration,
      membranesFrom: onChip ? "chip" : "software",
      classes: data.classNames,
      samples,
      labels: [...data.labels.subarray(0, samples)],
      predictions: [...predictions],
      ...(output.model.spikes ? { firstSpikes } : {}),
      populations: views.populations(),
      drawn,
      membranes:
        first === undefined
          ? []
          : await observeMembranes(prepared, replica, runWeights, weights, data, pieces, first),
      ...(onChip
        ? { ideal: await idealDifference(prepared, runWeights, data, counts, compared, visitAll) }
        : {}),
    };
  } finally {
    await executor.close();
  }
}

type Pieces = ReturnType<typeof evaluationPieces>;

/** Runs one sample with the noise that it had among all. */
async function observeOne(
  executor: Executor,
  data: EncodedSplit,
  pieces: Pieces,
  sample: number,
  visit: (seen: Observation) => void,
): Promise<void> {
  const { run } = pieces.find(({ from, to }) => from <= sample && sample < to)!;
  const one = sliceBatch(data.inputs, sample, sample + 1);
  await executor.observe(one, run, (_, seen) => visit(seen), noCost());
}

function oneOfEachClass({ labels, classNames }: EncodedSplit, samples: number): number[] {
  const some = labels.subarray(0, samples);
  return classNames
    .slice(0, MOST_CLASSES)
    .map((_, label) => some.indexOf(label))
    .filter((sample) => sample >= 0);
}

/** µs, to a nanosecond: a chip stamps spikes every 8 ns. */
const rounded = (time: number): number => Math.round(1000 * time) / 1000;
/** To four digits: what an eye can see. */
const short = (value: number): number => Number(value.toPrecision(4));

function firstSpikeOf({ start, size }: Population, { spikes }: Observation): number | null {
  for (let k = 0; k < spikes.count; k++) {
    const neuron = spikes.index[k]!;
    if (neuron >= start && neuron < start + size) return rounded(spikes.time[k]!);
  }
  return null;
}

/** Spikes of each neuron of a sample, added at `from`. */
function countSpikes({ spikes }: Observation, counts: Uint16Array, from: number): void {
  for (let k = 0; k < spikes.count; k++) counts[from + spikes.index[k]!]!++;
}

/** Sums over samples: when spikes come, and how many each neuron has. */
function createViews(network: Network, data: EncodedSplit, samples: number) {
  const { populations, duration, inputs } = network;
  const populationOf = populations.flatMap(({ size }, p) => new Array<number>(size).fill(p));
  const times = [...populations, "inputs"].map(() => new Array<number>(BINS).fill(0));
  const spikesOf = new Float64Array(network.neurons);
  const inputsOf = new Float64Array(inputs);
  const bin = (time: number): number => Math.min(BINS - 1, Math.max(0, Math.floor((BINS * time) / duration)));
  const count = (list: number[], time: number): void => {
    const at = bin(time);
    list[at] = list[at]! + 1;
  };
  return {
    add({ inputs: given, spikes }: Observation): void {
      for (let k = 0; k < given.count; k++) {
        count(times[populations.length]!, given.time[k]!);
        inputsOf[given.index[k]!]!++;
      }
      for (let k = 0; k < spikes.count; k++) {
        const neuron = spikes.index[k]!;
        count(times[populationOf[neuron]!]!, spikes.time[k]!);
        spikesOf[neuron]!++;
      }
    },
    populations(): ObservedPopulation[] {
      const spiking = populations
        .map((population, p) => ({ ...population, times: times[p]! }))
        .filter(({ model }) => model.spikes)
        .map(({ name, size, start, times: own }) => ({
          name,
          neurons: size,
          spikeTimes: own,
          ...rateBins(spikesOf.subarray(start, start + size), samples),
        }));
      const given = { name: "input", neurons: data.sources, spikeTimes: times[populations.length]! };
      return [{ ...given, ...rateBins(inputsOf, samples) }, ...spiking];
    },
  };
}

function rateBins(spikes: Float64Array, samples: number): Pick<ObservedPopulation, "rates" | "largestRate"> {
  const largest = spikes.reduce((a, b) => Math.max(a, b), 0) / samples;
  const rates = new Array<number>(MOST_BINS_OF_RATE).fill(0);
  for (const count of spikes) {
    const share = largest === 0 ? 0 : count / samples / largest;
    const at = Math.min(MOST_BINS_OF_RATE - 1, Math.floor(MOST_BINS_OF_RATE * share));
    rates[at] = rates[at]! + 1;
  }
  return { rates, largestRate: short(largest) };
}

function drawnSample(
  { populations }: Network,
  { inputs, spikes }: Observation,
  number: number,
  label: number,
  prediction: number,
): ObservedSample {
  const all: [number, number, number][] = [];
  for (let k = 0; k < inputs.count; k++) all.push([-1, inputs.index[k]!, rounded(inputs.time[k]!)]);
  for (let k = 0; k < spikes.count; k++) {
    const neuron = spikes.index[k]!;
    const p = populations.findIndex(({ start, size }) => neuron >= start && neuron < start + size);
    all.push([p, neuron - populations[p]!.start, rounded(spikes.time[k]!)]);
  }
  all.sort((a, b) => a[2] - b[2] || a[0] - b[0] || a[1] - b[1]);
  return { number, label, prediction, spikes: all.slice(0, MOST_SPIKES), allSpikes: all.length };
}

/** Membranes of a few neurons of each population in one sample: those that spike most, of a readout the first ones. */
async function observeMembranes(
  prepared: PreparedRun,
  { loss, executor, network }: Replica,
  runWeights: Float64Array,
  weights: Float64Array,
  data: EncodedSplit,
  pieces: Pieces,
  sample: number,
): Promise<ObservedMembrane[]> {
  const { experiment, calibrations, placement } = prepared;
  const shown: number[] = [];
  const cotangent = emptyCotangent();
  let adjoint: ReturnType<typeof adjointTraces> = [];
  const times = Float64Array.from(
    { length: ADJOINT_POINTS },
    (_, k) => ((k + 0.5) * network.duration) / ADJOINT_POINTS,
  );
  await observeOne(executor, data, pieces, sample, (seen) => {
    shown.push(...mostActive(network, seen));
    loss.evaluate(seen, data.labels[sample]!, cotangent, emptyLossValue());
    const { estimator } = experiment;
    const slopeFloor = "slopeFloor" in estimator ? (estimator.slopeFloor as number) : 0.02;
    if (hasAdjointTraces(network))
      adjoint = adjointTraces(network, seen, runWeights, cotangent, shown, times, slopeFloor);
  });
  const membranes: ObservedMembrane[] = [];
  const need: RecordingRequest = { kind: "grid", period: network.duration / MEMBRANE_POINTS };
  const nominal = networkOf(experiment, data.sources);
  const recording = await substrateOf(experiment, nominal, calibrations, placement).open(
    network.populations.map(() => need),
  );
  try {
    await recording.load(weights);
    await observeOne(recording, data, pieces, sample, ({ spikes, voltages }) => {
      for (const neuron of shown) {
        const population = network.populations.find(
          ({ start, size }) => neuron >= start && neuron < start + size,
        )!;
        const own: [number, number][] = [];
        for (let k = 0; k < voltages.count; k++)
          if (voltages.neuron[k] === neuron)
            own.push([rounded(voltages.time[k]!), short(voltages.value[k]!)]);
        const trace = adjoint.find((one) => one.neuron === neuron);
        membranes.push({
          population: population.name,
          neuron: neuron - population.start,
          spikes: timesOf(neuron, { spikes }),
          voltages: own,
          threshold: population.model.spikes ? short(network.constants.threshold[neuron]!) : null,
          ...(trace === undefined
            ? {}
            : {
                adjoint: [...times].map(
                  (t, k) => [rounded(t), short(trace.lambdaV[k]!), short(trace.lambdaI[k]!)] as const,
                ),
              }),
        });
      }
    });
  } finally {
    await recording.close();
  }
  return membranes;
}

function timesOf(neuron: number, { spikes }: Pick<Observation, "spikes">): number[] {
  const times: number[] = [];
  for (let k = 0; k < spikes.count; k++) if (spikes.index[k] === neuron) times.push(rounded(spikes.time[k]!));
  return times;
}

function mostActive({ populations, neurons }: Network, seen: Observation): number[] {
  const counts = new Uint16Array(neurons);
  countSpikes(seen, counts, 0);
  return populations.flatMap(({ start, size }) =>
    Array.from({ length: size }, (_, j) => start + j)
      .sort((a, b) => counts[b]! - counts[a]! || a - b)
      .slice(0, MOST_MEMBRANES)
      .sort((a, b) => a - b),
  );
}

/** The same samples in the exact simulation with nominal constants, and the weights that the chip runs with. */
async function idealDifference(
  { experiment }: PreparedRun,
  runWeights: Float64Array,
  data: EncodedSplit,
  onChip: Uint16Array,
  samples: number,
  visitAll: (
    count: number,
    from: Executor,
    visit: (sample: number, seen: Observation) => void,
  ) => Promise<void>,
): Promise<NonNullable<Observed["ideal"]>> {
  const network = networkOf(experiment, data.sources);
  const model = softwareExecutor(
    network,
    network.populations.map(() => ({ kind: "none" })),
  );
  await model.load(runWeights);
  const inModel = new Uint16Array(onChip.length);
  await visitAll(samples, model, (sample, seen) => countSpikes(seen, inModel, sample * network.neurons));
  const populations = network.populations
    .filter(({ model }) => model.spikes)
    .map(({ name, start, size }): IdealDifference => {
      let [both, gained, lost] = [0, 0, 0];
      for (let sample = 0; sample < samples; sample++) {
        for (let j = start; j < start + size; j++) {
          const [chip, model] = [
            onChip[sample * network.neurons + j]!,
            inModel[sample * network.neurons + j]!,
          ];
          both += Math.min(chip, model);
          gained += Math.max(0, chip - model);
          lost += Math.max(0, model - chip);
        }
      }
      return { population: name, both, gained, lost };
    });
  return { samples, populations };
}
