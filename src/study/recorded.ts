/**
 * Recordings that come back from real chips: what chips answered to the words of a bundle (docs/real-chip.md), against the
 * ideal model with the same words, and against simulated chips with the same words.
 *
 * One module, though long: it reads one bundle, and no other module reads a part of it.
 */

import { TICK_US } from "../chip/limits.ts";
import { UserError } from "../core/errors.ts";
import { type JsonPlace, jsonDocument } from "../core/json-place.ts";
import type { Report } from "../core/progress.ts";
import { type NumpyArray, parseNpy } from "../data/npy.ts";
import { unzipped } from "../data/unpack.ts";
import { chipCalibrations } from "../engine/chip-calibrations.ts";
import { type Executor, softwareExecutor, substrateOf } from "../engine/executor.ts";
import { networkOf } from "../experiment/network.ts";
import type { Experiment } from "../experiment/schema.ts";
import { calibrationOf } from "../mapping/calibrations.ts";
import { weightScale } from "../mapping/quantize.ts";
import type { Network, Population } from "../network/network.ts";
import type { InputBatch } from "../network/observation.ts";
import {
  type FirstSpikes,
  observeFirstSpikes,
  type SpikeDifferences,
  spikeDifferences,
} from "./spike-differences.ts";

/** A file that was read, with its name for complaints. */
export interface NamedBytes {
  readonly name: string;
  readonly bytes: Uint8Array;
}

/** A bundle and what came back of it. */
export interface BundleFiles {
  readonly bundle: NamedBytes;
  readonly words: NamedBytes;
  readonly inputs: NamedBytes;
  readonly recordings: readonly NamedBytes[];
}

export interface RecordedChip {
  readonly chip: string;
  /** First spikes against the ideal model, in units of τ_m. */
  readonly differences: SpikeDifferences;
}

export interface RecordedNetwork {
  readonly experiment: string;
  /** The last population that spikes: the one that is compared. */
  readonly population: string;
  readonly samples: number;
  readonly recorded: readonly RecordedChip[];
  /** Chips of seeds with the same words. */
  readonly simulated: readonly RecordedChip[];
}

type NetworkFile = Experiment["network"];

interface Bundle {
  readonly experiment: string;
  readonly network: NetworkFile;
  readonly target: Extract<Experiment["chip"], { kind: "simulated" }>["target"];
  /** Words per unit of each projection where the run was trained. */
  readonly wordsPerUnit: readonly number[];
  readonly inputs: number;
}

/** Samples of a run on a simulated chip. */
const RUN_SIZE = 200;
/** Columns of words.npz: placed. */
const COLUMNS = 9;

/**
 * @param seeds of simulated chips beside the recorded ones
 * @throws UserError("input-file") when files do not belong together
 */
export async function recordedStudy(
  files: BundleFiles,
  seeds: readonly number[],
  report: Report,
): Promise<RecordedNetwork> {
  const bundle = parseBundle(files.bundle);
  const network = networkOf(bundle, bundle.inputs);
  const population = network.populations.filter(({ model }) => model.spikes).at(-1);
  if (population === undefined)
    throw new UserError("input-file", `${files.bundle.name} has no population that spikes`);
  const totals = totalWords(network, arraysOf(files.words), files.words.name);
  const given = arraysOf(files.inputs);
  const recordings = files.recordings.map((file) => ({ file, arrays: arraysOf(file) }));
  const samples = Math.min(...recordings.map(({ arrays }) => array(arrays, "sample", "").shape[0]!));
  const inputs = inputsOf(given, files.inputs.name, samples);
  const none = network.populations.map(() => ({ kind: "none" }) as const);
  const ideal = softwareExecutor(network, none);
  const expected = await firstSpikes(
    ideal,
    weightsOf(network, totals, bundle.wordsPerUnit),
    inputs,
    population,
  );
  const tau = (bundle.network.populations[population.name] as { tauMem: number }).tauMem;
  const simulated: RecordedChip[] = [];
  for (const seed of seeds) {
    const experiment = onSimulated(bundle, seed);
    const calibrations = await chipCalibrations(experiment, report);
    const executor = await substrateOf(experiment, network, calibrations).open(none);
    const scales = network.projections.map(({ to }) => weightScale(calibrationOf(calibrations, to)));
    const seen = await firstSpikes(executor, weightsOf(network, totals, scales), inputs, population);
    const [calibration] = calibrations.values();
    simulated.push({ chip: calibration?.chip ?? "", differences: spikeDifferences(seen, expected, tau) });
  }
  return {
    experiment: bundle.experiment,
    population: population.name,
    samples,
    recorded: recordings.map(({ file, arrays }) => ({
      chip: new TextDecoder().decode(Uint8Array.from(array(arrays, "chip", file.name).values)),
      differences: spikeDifferences(
        recordedSpikes(arrays, file.name, array(given, "id", files.inputs.name), samples, population),
        expected,
        tau,
      ),
    })),
    simulated,
  };
}

async function firstSpikes(
  executor: Executor,
  weights: Float64Array,
  inputs: InputBatch,
  population: Population,
): Promise<FirstSpikes> {
  try {
    await executor.load(weights);
    return await observeFirstSpikes(executor, inputs, RUN_SIZE, population);
  } finally {
    await executor.close();
  }
}

/** Weights in model units whose words are the bundle's. */
function weightsOf(network: Network, totals: Float64Array, scales: readonly number[]): Float64Array {
  const weights = totals.slice();
  network.projections.forEach(({ offset, sources, targets }, p) => {
    for (let at = offset; at < offset + sources * targets; at++) weights[at] = totals[at]! / scales[p]!;
  });
  return weights;
}

/** The sum of the words of each weight. */
function totalWords(network: Network, arrays: ReadonlyMap<string, NumpyArray>, file: string): Float64Array {
  const { values, shape } = array(arrays, "placed", file);
  if (shape[1] !== COLUMNS) throw new UserError("input-file", `${file}: placed has not ${COLUMNS} columns`);
  const totals = new Float64Array(network.weights);
  for (let at = 0; at < values.length; at += COLUMNS) {
    const [p, source, target] = values.subarray(at, at + 3) as unknown as [number, number, number];
    const projection = network.projections[p];
    if (projection === undefined || source >= projection.sources || target >= projection.targets)
      throw new UserError(
        "input-file",
        `${file}: line ${at / COLUMNS} of placed is no synapse of the bundle`,
      );
    const weight = projection.offset + source * projection.targets + target;
    totals[weight] = totals[weight]! + values[at + COLUMNS - 1]!;
  }
  return totals;
}

function inputsOf(arrays: ReadonlyMap<string, NumpyArray>, file: string, samples: number): InputBatch {
  const offset = Int32Array.from(array(arrays, "offset", file).values.subarray(0, samples + 1));
  const events = offset.at(-1)!;
  return {
    samples,
    offset,
    time: array(arrays, "tick", file)
      .values.subarray(0, events)
      .map((tick) => tick * TICK_US),
    source: Int32Array.from(array(arrays, "source", file).values.subarray(0, events)),
    id: Int32Array.from(array(arrays, "id", file).values.subarray(0, samples)),
  };
}

function recordedSpikes(
  arrays: ReadonlyMap<string, NumpyArray>,
  file: string,
  ids: NumpyArray,
  samples: number,
  { start, size }: Population,
): FirstSpikes {
  const fail = (problem: string, hint: string): UserError =>
    new UserError("input-file", `${file}: ${problem}`, { hint });
  if (array(arrays, "lost", file).values.length > 0)
    throw fail("some of its runs were lost", "run the bundle again: their samples have no spikes");
  const own = array(arrays, "sample", file).values;
  if (own.some((sample, i) => sample !== ids.values[i]))
    throw fail(
      "its samples are not those of the bundle",
      "put it into the folder of the bundle that it was made with",
    );
  const time = new Float64Array(samples * size).fill(Number.POSITIVE_INFINITY);
  const offset = array(arrays, "spikes.offset", file).values;
  const tick = array(arrays, "spikes.tick", file).values;
  const neuron = array(arrays, "spikes.neuron", file).values;
  for (let sample = 0; sample < samples; sample++) {
    for (let at = offset[sample]!; at < offset[sample + 1]!; at++) {
      const output = neuron[at]! - start;
      if (output < 0 || output >= size) continue;
      const place = sample * size + output;
      time[place] = Math.min(time[place]!, tick[at]! * TICK_US);
    }
  }
  return { outputs: size, time };
}

function arraysOf({ name, bytes }: NamedBytes): ReadonlyMap<string, NumpyArray> {
  return new Map(
    [...unzipped(bytes, name)].map(([entry, content]) => [
      entry.replace(/\.npy$/, ""),
      parseNpy(content, `${name}: ${entry}`),
    ]),
  );
}

function array(arrays: ReadonlyMap<string, NumpyArray>, name: string, file: string): NumpyArray {
  const found = arrays.get(name);
  if (found !== undefined) return found;
  throw new UserError("input-file", `${file} has no array \`${name}\``, {
    hint: "a recording is written by run_on_bss2.py of the bundle",
  });
}

/** The bundle as network of an experiment, with the constants of its targets. */
function parseBundle({ name, bytes }: NamedBytes): Bundle {
  const document = jsonDocument(new TextDecoder().decode(bytes), name);
  document.field("format").integer(1, 1);
  const populations = document.field("populations").items();
  const targets = populations.map((place) => place.field("target"));
  const [first] = targets;
  if (first === undefined) throw new UserError("input-file", `${name} has no population`);
  const projections = document.field("projections").items();
  const network = {
    duration: document.field("durationTicks").number({ above: 0 }) * TICK_US,
    populations: Object.fromEntries(
      populations.map((place, i) => [place.field("name").text(), neurons(place, targets[i]!)]),
    ),
    projections: Object.fromEntries(
      projections.map((place) => [
        `${place.field("from").text()}>${place.field("to").text()}`,
        {
          rows: place.field("rows").integer(1, 64),
          learningRate: 1,
          init: { kind: "constant", value: 0 },
          connect: { kind: "all" },
          sign: "any",
        },
      ]),
    ),
  } as unknown as NetworkFile;
  return {
    experiment: document.field("experiment").text(),
    network,
    target: {
      leak: first.field("leak").number(),
      threshold: first.field("threshold").number(),
      synapseGm: first.field("synapseGm").number(),
      synapseDacBias: first.field("synapseDacBias").number(),
      residual: 1,
    },
    wordsPerUnit: projections.map((place) => place.field("wordsPerUnit").number({ above: 0 })),
    inputs: document.field("routing").field("externalLabels").items().length,
  };
}

function neurons(population: JsonPlace, target: JsonPlace) {
  const model = population.field("model").text();
  const shared = {
    model,
    size: population.field("atomicNeurons").items().length,
    circuits: population.field("circuits").integer(1, 8),
    tauMem: target.field("tauMem").number({ above: 0 }),
    tauSyn: target.field("tauSynExc").number({ above: 0 }),
    tauSynInh: target.field("tauSynInh").number({ above: 0 }),
  };
  if (model !== "lif") return shared;
  const leak = target.field("leak").number();
  return {
    ...shared,
    threshold: 1,
    reset: (target.field("reset").number() - leak) / (target.field("threshold").number() - leak),
    refractory: target.field("refractory").number({ above: 0 }),
  };
}

function onSimulated(
  { network, target }: Bundle,
  seed: number,
): Pick<Experiment, "network" | "chip" | "seed"> {
  return {
    seed: 1,
    network,
    chip: {
      kind: "simulated",
      seed,
      mismatch: 1,
      noise: 1,
      effects: {},
      step: 0.75,
      target,
      constants: "nominal",
      copies: "spread",
      cadc: "sram",
    },
  };
}
