/**
 * What losses have in common: the population that they read, and the frame around the formula of each. A loss on
 * spikes is `spikeLoss`, one on membrane samples is `sampledLoss`, with the formula as its argument.
 */

import { Type } from "@sinclair/typebox";
import { UserError } from "../core/errors.ts";
import { formatTime, type Microseconds } from "../core/units.ts";
import type { Network, Population } from "../network/network.ts";
import type { Observation, RecordingRequest, SpikeList, VoltageSamples } from "../network/observation.ts";
import type { Cotangent, Loss, LossValue } from "./types.ts";

/** The option `output` of every loss. */
export const outputOption = Type.Optional(
  Type.String({
    minLength: 1,
    description: "Population that the loss reads (default: the one without outgoing projections).",
  }),
);

/**
 * The population called `name`; without a name the one that something reaches and nothing leaves, except to itself.
 * @throws UserError when the network has no population of that name, or not exactly one that nothing leaves
 */
export function outputPopulation(network: Network, name: string | undefined): Population {
  if (name === undefined) return lastStation(network);
  const population = network.populations.find((candidate) => candidate.name === name);
  if (population !== undefined) return population;
  const names = network.populations.map((candidate) => candidate.name).join(", ");
  throw new UserError("experiment-physics", `the loss reads population ${name}, which does not exist`, {
    hint: `populations of this network: ${names}`,
  });
}

function lastStation({ populations, projections }: Network): Population {
  const left = new Set(projections.filter(({ from, to }) => from !== to).map(({ from }) => from));
  const reached = new Set(projections.map(({ to }) => to));
  const ends = populations.filter(({ name }) => reached.has(name) && !left.has(name));
  if (ends.length === 1) return ends[0]!;
  const names = (ends.length === 0 ? populations : ends).map((candidate) => candidate.name);
  const message =
    ends.length === 0
      ? "every population projects to another one, so none is the output by itself"
      : `nothing leaves ${names.join(" and ")}, so none is the output by itself`;
  const hint = `say which one the loss reads, e.g. \`loss: { output: ${names.at(-1)} }\``;
  throw new UserError("experiment-physics", message, { hint });
}

/** @throws UserError when a term of the loss reads a neuron that `population` does not have */
export function checkNeurons(population: Population, terms: readonly { readonly neuron: number }[]): void {
  for (const { neuron } of terms) {
    if (neuron < population.size) continue;
    throw new UserError("experiment-physics", `the loss reads neuron ${neuron} of ${population.name}`, {
      hint: `${population.name} has neurons 0 to ${population.size - 1}`,
    });
  }
}

/** Samples of one membrane; more cost memory and time and tell nothing. */
const MOST_SAMPLES = 1e5;

/**
 * Refuses a sampling period that reads V(0) alone, or more samples than can be held.
 *
 * @throws UserError that names the key, its value and one that works
 */
export function checkPeriod(key: string, period: Microseconds, { duration }: Network): void {
  const fail = (problem: string, works: number): UserError =>
    new UserError("experiment-physics", `\`${key}\` of ${formatTime(period)} ${problem}`, {
      hint: `${formatTime(works)} would do`,
    });
  if (period >= duration)
    throw fail(
      `is not shorter than a sample of ${formatTime(duration)}: only V(0) would be read`,
      duration / 20,
    );
  const samples = duration / period;
  if (samples > MOST_SAMPLES) {
    const problem = `makes ${samples.toExponential(1)} samples of each membrane, more than ${MOST_SAMPLES}`;
    throw fail(problem, Number(((2 * duration) / MOST_SAMPLES).toPrecision(1)));
  }
}

/** Scores of a loss that predicts no class. */
export const NO_SCORES = new Float64Array(0);

/**
 * A loss on the spikes of `population`. `judge` writes the parts of the value, the `scores`, and ∂L/∂t of the spikes
 * that it reads to `cotangent`, which is zero before.
 */
export function spikeLoss(
  population: Population,
  scores: Float64Array,
  judge: (spikes: SpikeList, label: number, cotangent: Float64Array, value: LossValue) => void,
): Loss {
  return {
    readsSpikes: true,
    voltages: { kind: "none" },
    output: population.name,
    scores,
    evaluate(observation, label, cotangent, value) {
      clear(observation, cotangent, value);
      judge(observation.spikes, label, cotangent.spike, value);
      value.total = value.classification + value.regularization;
    },
  };
}

/**
 * A loss on membrane samples of `population`. Those of output c are the entries from[c] … from[c + 1] − 1 of
 * `samples`, in ascending time. `judge` writes the parts of the value, the `scores`, and ∂L/∂V of the samples that it
 * reads to `cotangent`, which is zero before.
 */
export function sampledLoss(
  population: Population,
  voltages: RecordingRequest,
  scores: Float64Array,
  judge: (
    samples: VoltageSamples,
    from: Int32Array,
    label: number,
    cotangent: Float64Array,
    value: LossValue,
  ) => void,
): Loss {
  const from = new Int32Array(population.size + 1);
  return {
    readsSpikes: false,
    voltages,
    output: population.name,
    scores,
    evaluate(observation, label, cotangent, value) {
      clear(observation, cotangent, value);
      findSamples(observation.voltages, population, from);
      for (let output = 0; output < population.size; output++) {
        if (from[output] === from[output + 1]) value.missingOutputs++;
      }
      judge(observation.voltages, from, label, cotangent.voltage, value);
      value.total = value.classification + value.regularization;
    },
  };
}

/**
 * Writes to `first[output]` the entry of `spikes` that is the first spike of each neuron of `population`, −1
 * where it has none. Returns how many have none.
 */
export function firstSpikes(spikes: SpikeList, population: Population, first: Int32Array): number {
  const { start, size } = population;
  const { count, index } = spikes;
  first.fill(-1);
  let missing = size;
  for (let entry = 0; entry < count && missing > 0; entry++) {
    const output = index[entry]! - start;
    if (output < 0 || output >= size || first[output] !== -1) continue;
    first[output] = entry;
    missing--;
  }
  return missing;
}

/** Makes `cotangent` as long as the observation and sets it to zero; sets the value to that of a loss of nothing. */
function clear(observation: Observation, cotangent: Cotangent, value: LossValue): void {
  const spikes = observation.spikes.count;
  const samples = observation.voltages.count;
  if (cotangent.spike.length < spikes) cotangent.spike = new Float64Array(2 * spikes);
  else cotangent.spike.fill(0, 0, spikes);
  if (cotangent.voltage.length < samples) cotangent.voltage = new Float64Array(2 * samples);
  else cotangent.voltage.fill(0, 0, samples);
  value.total = 0;
  value.classification = 0;
  value.regularization = 0;
  value.prediction = -1;
  value.missingOutputs = 0;
}

/** Writes the first entry of each neuron of `population` to `from`, and at the end where those of the last one end. */
function findSamples(samples: VoltageSamples, { start, size }: Population, from: Int32Array): void {
  const { count, neuron } = samples;
  let entry = 0;
  for (let output = 0; output <= size; output++) {
    while (entry < count && neuron[entry]! < start + output) entry++;
    from[output] = entry;
  }
}

// Means over time -------------------------------------------------------------------------------------------

// Means over time of samples at whatever times: the trapezoidal rule, for losses that read membranes.

/** Weight of one of the entries from … to−1 in their mean. */
export function trapezoid(samples: VoltageSamples, from: number, to: number, entry: number): number {
  const { time } = samples;
  const span = time[to - 1]! - time[from]!;
  if (!(span > 0)) return 1 / (to - from);
  const before = time[Math.max(entry - 1, from)]!;
  const after = time[Math.min(entry + 1, to - 1)]!;
  return (0.5 * (after - before)) / span;
}
