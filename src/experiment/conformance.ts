/**
 * The laws that losses, data sets and encoders keep, checked on those of one experiment: for members that plugins bring,
 * which the tests of this program do not know. Each fault is one sentence; none is good.
 */

import { isDeepStrictEqual } from "node:util";
import { stream } from "../core/random.ts";
import { createEncoder, openDataset } from "../data/index.ts";
import { type Dataset, isEventData, SPLITS } from "../data/types.ts";
import { emptyCotangent, emptyLossValue, type Loss, readingsOf } from "../loss/types.ts";
import type { Network } from "../network/network.ts";
import {
  type Observation,
  pushSpike,
  pushVoltage,
  spikeList,
  voltageSamples,
} from "../network/observation.ts";
import type { LoadedExperiment } from "./load.ts";

export function faultsOf({ experiment, components }: LoadedExperiment): string[] {
  const { data, encoder, network, loss } = components;
  const faults: string[] = [];
  const again = openDataset(experiment.data);
  for (const split of SPLITS) {
    const part = data[split];
    faults.push(...dataFaults(part).map((fault) => `data, ${split}: ${fault}`));
    if (!isDeepStrictEqual(again[split], part))
      faults.push(`data, ${split}: is not the same when opened twice`);
    const inputs = encoder.encode(part);
    const twice = createEncoder(experiment.encoding, data).encode(part);
    if (!isDeepStrictEqual(inputs, twice)) faults.push(`encoding, ${split}: is not the same when made twice`);
    const { samples, offset, time, source } = inputs;
    if (samples !== part.size) faults.push(`encoding, ${split}: makes ${samples} samples of ${part.size}`);
    for (let sample = 0; sample < samples; sample++)
      for (let i = offset[sample]!; i < offset[sample + 1]!; i++) {
        const place = `encoding, ${split}, sample ${sample}: the spike at ${time[i]} us of source ${source[i]}`;
        if (!(time[i]! >= 0 && time[i]! <= encoder.latest && source[i]! < encoder.inputs)) {
          faults.push(`${place} is later than ${encoder.latest} us, or of no source below ${encoder.inputs}`);
          return faults;
        }
        if (i > offset[sample]! && time[i]! < time[i - 1]!) {
          faults.push(`${place} comes after a later one`);
          return faults;
        }
      }
  }
  return [...faults, ...lossFaults(network, loss, data.train.classes)];
}

function dataFaults(part: Dataset): string[] {
  const faults: string[] = [];
  const expect = (good: boolean, fault: string): void => {
    if (!good) faults.push(fault);
  };
  expect(part.labels.length === part.size, `${part.labels.length} labels for ${part.size} samples`);
  expect(
    part.classNames.length === part.classes,
    `${part.classNames.length} names for ${part.classes} classes`,
  );
  expect(
    part.labels.every((label) => label < part.classes),
    "a label is none of the classes",
  );
  if (isEventData(part)) {
    expect(part.offset[part.size] === part.time.length, "offsets do not end at the last spike");
    expect(
      part.source.every((source) => source < part.channels),
      "a source is none of the channels",
    );
    return faults;
  }
  expect(part.features.length === part.size * part.featureCount, "features are not as many as samples need");
  expect(
    part.features.every((x) => x >= 0 && x <= 1),
    "a feature is not in 0 … 1",
  );
  return faults;
}

const OBSERVATIONS = 20;
/** Steps of 1e-6 leave errors of some 1e-9 in values of order 1. */
const STEP = 1e-6;
const TOLERANCE = 1e-6;

/** On random observations, with and without missing outputs: the cotangent is the derivative, and the parts add up. */
function lossFaults(network: Network, loss: Loss, classes: number): string[] {
  const value = emptyLossValue();
  const cotangent = emptyCotangent(0);
  for (let n = 0; n < OBSERVATIONS; n++) {
    const observation = randomObservation(network, loss, n);
    const label = n % classes;
    const total = (): number => {
      loss.evaluate(observation, label, emptyCotangent(0), value);
      return value.total;
    };
    loss.evaluate(observation, label, cotangent, value);
    const sum = value.classification + value.regularization;
    if (!Number.isFinite(value.total)) return [`loss: its value is ${value.total} on observation ${n}`];
    if (Math.abs(value.total - sum) > 1e-9 * (1 + Math.abs(sum)))
      return [`loss: its value ${value.total} is not the sum of its parts, ${sum}`];
    const { spikes, voltages } = observation;
    const parts = [
      ["spike time", spikes.time, spikes.count, cotangent.spike.slice()],
      ["membrane sample", voltages.value, voltages.count, cotangent.voltage.slice()],
    ] as const;
    for (const [what, values, count, claimed] of parts)
      for (let k = 0; k < count; k++) {
        const own = values[k]!;
        values[k] = own + STEP;
        const up = total();
        values[k] = own - STEP;
        const derivative = (up - total()) / (2 * STEP);
        values[k] = own;
        if (Math.abs(derivative - claimed[k]!) > TOLERANCE * (1 + Math.abs(derivative)))
          return [
            `loss: its cotangent of a ${what} is ${claimed[k]}, differences give ${derivative} (observation ${n})`,
          ];
      }
  }
  return [];
}

/** Spikes and samples of the neurons that the loss reads; every second observation lacks those of some neurons. */
function randomObservation(network: Network, loss: Loss, seed: number): Observation {
  const draws = stream(seed, "conformance/loss");
  const spikes = spikeList(16);
  const voltages = voltageSamples(16);
  const { duration } = network;
  const events: [time: number, neuron: number][] = [];
  for (const { output } of readingsOf(loss)) {
    const population = network.populations.find(({ name }) => name === output)!;
    for (let neuron = population.start; neuron < population.start + population.size; neuron++) {
      if (seed % 2 === 1 && draws.uniform() < 0.3) continue;
      for (let k = 1 + draws.below(3); k > 0; k--) events.push([duration * draws.uniform(), neuron]);
      for (let time = 0.1 * duration * draws.uniform(); time < duration; time += duration / 20)
        pushVoltage(voltages, neuron, time, draws.normal());
    }
  }
  for (const [time, neuron] of events.sort((a, b) => a[0] - b[0])) pushSpike(spikes, time, neuron);
  return { duration, inputs: spikeList(1), spikes, voltages };
}
