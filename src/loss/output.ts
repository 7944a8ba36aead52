/**
 * What all losses need of the population they read: where it is, its first spikes, its samples, and room in
 * the cotangent. Between an observation and the arithmetic of one loss.
 */

import { Type } from "@sinclair/typebox";
import { UserError } from "../core/errors.ts";
import type { Network, Population } from "../network/network.ts";
import type { Observation, SpikeList, VoltageSamples } from "../network/observation.ts";
import type { Cotangent, LossValue } from "./types.ts";

/** The option `output` of every loss. */
export const outputOption = Type.Optional(
  Type.String({ minLength: 1, description: "Population that the loss reads; the last one when absent." }),
);

/** @throws UserError when the network has no population of that name, or none at all */
export function outputPopulation(network: Network, name: string | undefined): Population {
  const population =
    name === undefined
      ? network.populations.at(-1)
      : network.populations.find((candidate) => candidate.name === name);
  if (population !== undefined) return population;
  const names = network.populations.map((candidate) => candidate.name).join(", ");
  throw new UserError(
    "experiment-physics",
    `the loss reads population ${name ?? "(last)"}, which does not exist`,
    {
      hint: `populations of this network: ${names}`,
    },
  );
}

/** Makes `cotangent` as long as the observation and sets it to zero. */
export function clearCotangent(cotangent: Cotangent, observation: Observation): void {
  const spikes = observation.spikes.count;
  const samples = observation.voltages.count;
  if (cotangent.spike.length < spikes) cotangent.spike = new Float64Array(2 * spikes);
  else cotangent.spike.fill(0, 0, spikes);
  if (cotangent.voltage.length < samples) cotangent.voltage = new Float64Array(2 * samples);
  else cotangent.voltage.fill(0, 0, samples);
}

export function clearValue(value: LossValue): void {
  value.total = 0;
  value.classification = 0;
  value.regularisation = 0;
  value.prediction = -1;
  value.missingOutputs = 0;
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

/**
 * Writes to `from[output]` the first entry of `samples` that belongs to each neuron of `population`;
 * `from[population.size]` is where the last one's entries end (`from` has size + 1 entries).
 */
export function sampleRanges(samples: VoltageSamples, population: Population, from: Int32Array): void {
  const { start, size } = population;
  const { count, neuron } = samples;
  let entry = 0;
  for (let output = 0; output <= size; output++) {
    while (entry < count && neuron[entry]! < start + output) entry++;
    from[output] = entry;
  }
}
