/** Running a network for users of the library: fresh results, nothing reused behind their back. */

import { silent } from "../core/progress.ts";
import { chipCalibrations } from "../engine/chip-calibrations.ts";
import { noCost, substrateOf } from "../engine/executor.ts";
import type { LoadedExperiment } from "../experiment/load.ts";
import type { Network } from "../network/network.ts";
import type {
  InputBatch,
  Observation,
  RecordingRequest,
  SpikeList,
  VoltageSamples,
} from "../network/observation.ts";
import { createObservation, createSimulator } from "../network/simulate.ts";

/** Input spikes of one sample: `time` in µs, ascending and ≥ 0, and the input that each comes from. */
export interface InputSpikes {
  readonly time: ArrayLike<number>;
  readonly source: ArrayLike<number>;
}

/**
 * Runs one sample exactly in software: no time step, no noise, double precision.
 * @param weights model units, laid out as in `Projection.offset`, length `network.weights`
 * @param record samples of membranes per population, in the order of the network; none by default
 * @throws UserError("diverged") when a membrane is not finite or spikes do not end
 */
export function simulate(
  network: Network,
  weights: Float64Array,
  inputs: InputSpikes,
  record: readonly RecordingRequest[] = network.populations.map(() => ({ kind: "none" })),
): Observation {
  checkLength(network, weights);
  const observation = createObservation(network);
  const time = Float64Array.from(inputs.time);
  const source = Int32Array.from(inputs.source);
  createSimulator(network).run(weights, { time, source, from: 0, to: time.length }, record, observation);
  return observation;
}

/**
 * Runs samples on what `chip` of the experiment names: software, the ideal chip or a simulated one. A chip that has no
 * stored calibration for the experiment's targets is calibrated first, which takes seconds.
 * @param run counts runs: the same number draws the same noise on a simulated chip
 * @returns one observation per sample, times in µs and potentials in model units
 */
export async function runExperiment(
  loaded: LoadedExperiment,
  weights: Float64Array,
  samples: readonly InputSpikes[],
  { run = 0, period = 2 }: { readonly run?: number; readonly period?: number } = {},
): Promise<readonly Observation[]> {
  const { experiment, components } = loaded;
  checkLength(components.network, weights);
  const calibrations = await chipCalibrations(experiment, silent);
  const executor = await substrateOf(experiment, components.network, calibrations).open(
    components.network.populations.map(() => ({ kind: "grid", period })),
  );
  const observations: Observation[] = [];
  try {
    await executor.load(weights);
    await executor.observe(
      inputBatch(samples),
      run,
      (_sample, observation) => observations.push(copyOf(observation)),
      noCost(),
    );
  } finally {
    await executor.close();
  }
  return observations;
}

function checkLength(network: Network, weights: Float64Array): void {
  if (weights.length !== network.weights)
    throw new RangeError(`${weights.length} weights for a network that has ${network.weights}`);
}

function inputBatch(samples: readonly InputSpikes[]): InputBatch {
  const offset = new Int32Array(samples.length + 1);
  samples.forEach(({ time }, i) => {
    offset[i + 1] = offset[i]! + time.length;
  });
  return {
    samples: samples.length,
    offset,
    time: Float64Array.from(samples.flatMap(({ time }) => Array.from(time))),
    source: Int32Array.from(samples.flatMap(({ source }) => Array.from(source))),
    id: Int32Array.from(samples, (_, i) => i),
  };
}

function copyOf({ duration, inputs, spikes, voltages }: Observation): Observation {
  return { duration, inputs: spikesOf(inputs), spikes: spikesOf(spikes), voltages: samplesOf(voltages) };
}

function spikesOf({ count, time, index }: SpikeList): SpikeList {
  return { count, time: time.slice(0, count), index: index.slice(0, count) };
}

function samplesOf({ count, areMaxima, neuron, time, value }: VoltageSamples): VoltageSamples {
  return {
    count,
    areMaxima,
    neuron: neuron.slice(0, count),
    time: time.slice(0, count),
    value: value.slice(0, count),
  };
}
